"""The AsyncAPI 3.0 document of the contract, from the table of families.

The application that it describes is the district's side: the hub, and for frames an edge node.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from wire import topics
from wire.families import FAMILIES, Family, MessageDirection
from wire.limits import MAX_JPEG_BYTES, MAX_JPEG_PIXELS
from wire.topics import Leaf

VERSION = "1.0.0"
"""The version of the contract; its first number is the version in the topics."""

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

Node: TypeAlias = dict[str, Any]


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


def document() -> Node:
    """Return the whole document; payload schemas are referred to as `schema/<name>.json`."""
    listed = channels()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "patrolhub wire contract",
            "version": VERSION,
            "description": (
                "MQTT topics and payloads between patrol terminals, street cameras, edge nodes "
                "and the hub. Seen from the district's side: `receive` is what devices publish."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in listed},
        "operations": dict(_operation(channel) for channel in listed),
        "components": {
            "parameters": {name: {"description": text} for name, text in _PARAMETERS.items()},
            "messages": {channel.name: _message(channel) for channel in listed},
        },
    }


def text() -> str:
    """Return the document as YAML, as it is committed."""
    return yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)


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


def _operation(channel: DocumentedChannel) -> tuple[str, Node]:
    action = "receive" if channel.direction is MessageDirection.UP else "send"
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
