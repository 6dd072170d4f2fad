"""The AsyncAPI 3.0 document of the contract, from the table of families.

The application that it describes is the district's side: the hub, and for frames an edge node.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import yaml

from wire import topics
from wire.families import FAMILIES, Family, MessageDirection
from wire.limits import CONTRACT_VERSION, MAX_JPEG_BYTES, MAX_JPEG_PIXELS
from wire.topics import Kind, Leaf

VERSION = CONTRACT_VERSION

_MQTT_BINDING = "0.2.0"
_TAIL_NAMES = {
    Leaf.COMMANDS: "command_id",
    Leaf.ACKS: "command_id",
    Leaf.EVIDENCE: "sha256",
    Leaf.DETECTIONS: "camera_id",
}
_PARAMETERS = {
    "district": "Administrative code of the district, 6 to 12 digits.",
    "device_id": "The device's own id, which is also its MQTT user name.",
    "command_id": "UUID of the command, in lower case.",
    "sha256": "SHA-256 of the JPEG, 64 hexadecimal digits in lower case.",
    "camera_id": "The camera that the edge node looked through.",
    "case_id": "Number of the case.",
}
_LEAVES = {
    Leaf.STATUS: "Birth and last will.",
    Leaf.TELEMETRY: "Positions and vitals as they happen.",
    Leaf.BACKLOG: "Positions recorded while cut off; they never move the live marker.",
    Leaf.EVENTS: "What the device or its holder reports: SOS, a report, a check-in.",
    Leaf.COMMANDS: "An order to the device.",
    Leaf.ACKS: "What the device, and then its holder, answers to a command.",
    Leaf.EVIDENCE: "A photo, under the hash of its bytes.",
    Leaf.FRAMES: "One picture for an edge node; time and number as MQTT 5 user properties.",
    Leaf.HEALTH: "Periodic figures.",
    Leaf.DETECTIONS: "What the edge node sees through one camera.",
    Leaf.CONFIG_DESIRED: "The configuration that the device should run.",
    Leaf.CONFIG_REPORTED: "The configuration that the device runs.",
    Leaf.MODELS_DESIRED: "The vision model that the edge node should run.",
    Leaf.MODELS_REPORTED: "The vision model that the edge node runs.",
    Leaf.REFUSED: "What the hub refused of the device's messages.",
}

KEEP_ALIVE_S = 30
SESSION_S = 86400

Node: TypeAlias = dict[str, Any]


class Side(StrEnum):
    """Whose application a document describes."""

    DISTRICT = "district"
    DEVICE = "device"


_SEEN_FROM = {
    Side.DISTRICT: "Seen from the district's side: `receive` is what devices publish.",
    Side.DEVICE: "Seen from the device's side: `send` is what a device publishes.",
}


@dataclass(frozen=True)
class DocumentedChannel:
    """One channel with its only message, as the document and the guide's table show it."""

    name: str
    address: str
    summary: str
    direction: MessageDirection
    qos: int
    retain: bool
    jpeg: bool


def channels() -> tuple[DocumentedChannel, ...]:
    """List the families, and the two channels that belong to no device."""
    hub = DocumentedChannel(
        "hub_status",
        topics.hub_status("{district}"),
        "The hub's birth and last will; devices announce themselves again at its birth.",
        MessageDirection.DOWN,
        qos=1,
        retain=True,
        jpeg=False,
    )
    partner = DocumentedChannel(
        "partner_case",
        topics.partner_case("{district}", "{case_id}"),
        "A CloudEvent about one case, for partner systems.",
        MessageDirection.OUT,
        qos=1,
        retain=False,
        jpeg=False,
    )
    return (*(_channel_of(family) for family in FAMILIES), hub, partner)


def _channel_of(family: Family) -> DocumentedChannel:
    tail = f"{{{_TAIL_NAMES[family.leaf]}}}" if family.leaf in _TAIL_NAMES else ""
    address = topics.Address("{district}", family.kind, topics.DeviceId("{device_id}"), family.leaf)
    return DocumentedChannel(
        family.name,
        f"{address}/{tail}".rstrip("/"),
        _LEAVES[family.leaf],
        family.direction,
        family.qos,
        family.retain,
        jpeg=family.payload is None,
    )


def document(side: Side = Side.DISTRICT) -> Node:
    """Return the whole document; payload schemas are referred to as `schema/<name>.json`."""
    listed = [each for each in channels() if side is Side.DISTRICT or each.name != "partner_case"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "patrolhub wire contract",
            "version": VERSION,
            "description": (
                "MQTT topics and payloads between patrol terminals, street cameras, edge nodes "
                f"and the hub. {_SEEN_FROM[side]}"
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {kind.removesuffix("s"): _server(kind) for kind in Kind},
        "channels": {channel.name: _channel(channel) for channel in listed},
        "operations": dict(_operation(channel, side) for channel in listed),
        "components": {
            "securitySchemes": {
                "device_login": {
                    "type": "userPassword",
                    "description": "The device id, and the password that the operator gave for it.",
                }
            },
            "parameters": {name: {"description": text} for name, text in _PARAMETERS.items()},
            "messages": {channel.name: _message(channel) for channel in listed},
        },
    }


def text(side: Side = Side.DISTRICT) -> str:
    """Return the document as YAML, as it is committed."""
    return yaml.safe_dump(document(side), sort_keys=False, allow_unicode=True, width=100)


def _server(kind: Kind) -> Node:
    """The broker, with the session and the last will that a device of a kind logs in with."""
    status = topics.Address("{district}", kind, topics.DeviceId("{device_id}"), Leaf.STATUS)
    will = {
        "topic": str(status),
        "qos": 1,
        "retain": True,
        "message": '{"state": "offline", "boot_id": "{boot_id}"}',
    }
    return {
        "host": "{host}:{port}",
        "protocol": "mqtt",
        "protocolVersion": "5.0",
        "description": "The district's broker; `mqtts` where the operator encrypts.",
        "variables": {
            "host": {"description": "As the operator says."},
            "port": {"default": "1883", "description": "8883 for `mqtts`."},
        },
        "security": [{"$ref": "#/components/securitySchemes/device_login"}],
        "bindings": {
            "mqtt": {
                "clientId": "{device_id}",
                "cleanSession": False,
                "sessionExpiryInterval": SESSION_S,
                "keepAlive": KEEP_ALIVE_S,
                "lastWill": will,
                "bindingVersion": _MQTT_BINDING,
            }
        },
    }


def _channel(channel: DocumentedChannel) -> Node:
    names = list(_parameters(channel.address))
    return {
        "address": channel.address,
        "description": channel.summary,
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in names},
    }


def _parameters(address: str) -> Iterator[str]:
    for level in address.split("/"):
        if level.startswith("{"):
            yield level[1:-1]


def _operation(channel: DocumentedChannel, side: Side) -> tuple[str, Node]:
    up = channel.direction is MessageDirection.UP
    action = "receive" if up == (side is Side.DISTRICT) else "send"
    binding = {"qos": channel.qos, "retain": channel.retain, "bindingVersion": _MQTT_BINDING}
    return f"{action}_{channel.name}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "summary": channel.summary,
        "bindings": {"mqtt": binding},
        "messages": [{"$ref": f"#/channels/{channel.name}/messages/{channel.name}"}],
    }


def _message(channel: DocumentedChannel) -> Node:
    if not channel.jpeg:
        payload: Node = {"$ref": f"./schema/{channel.name}.json"}
        return {"name": channel.name, "contentType": "application/json", "payload": payload}
    limits = f"At most {MAX_JPEG_BYTES} bytes and {MAX_JPEG_PIXELS} pixels."
    payload = {"type": "string", "contentMediaType": "image/jpeg", "description": limits}
    return {"name": channel.name, "contentType": "image/jpeg", "payload": payload}
