"""Every topic string of the contract is built and parsed here, and nowhere else.

The root is `patrol/v1/{district}`; under it come kind, device id and leaf, at most 8 levels in all.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NewType

DeviceId = NewType("DeviceId", str)

PREFIX = "patrol/v1"
DEVICE_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
DISTRICT_PATTERN = r"^[0-9]{6,12}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

_DEVICE_ID = re.compile(DEVICE_ID_PATTERN)
_DISTRICT = re.compile(DISTRICT_PATTERN)
_SHA256 = re.compile(SHA256_PATTERN)
_UUID = re.compile(UUID_PATTERN)


class Kind(StrEnum):
    """The first level under the root for things that log in to the broker."""

    TERMINAL = "terminals"
    CAMERA = "cameras"
    EDGE = "edges"


class Leaf(StrEnum):
    """The subject of a message: the levels after the device id, without a variable tail."""

    STATUS = "status"
    TELEMETRY = "telemetry"
    BACKLOG = "backlog"
    EVENTS = "events"
    COMMANDS = "commands"
    ACKS = "acks"
    EVIDENCE = "evidence"
    FRAMES = "frames"
    HEALTH = "health"
    DETECTIONS = "detections"
    CONFIG_DESIRED = "config/desired"
    CONFIG_REPORTED = "config/reported"
    MODELS_DESIRED = "models/desired"
    MODELS_REPORTED = "models/reported"
    REFUSED = "refused"


_TAIL_FORMS: dict[Leaf, re.Pattern[str]] = {
    Leaf.COMMANDS: _UUID,
    Leaf.ACKS: _UUID,
    Leaf.EVIDENCE: _SHA256,
    Leaf.DETECTIONS: _DEVICE_ID,
}


@dataclass(frozen=True, slots=True)
class Address:
    """One parsed topic of a device. `tail` is the command id, hash or camera id, else empty."""

    district: str
    kind: Kind
    device_id: DeviceId
    leaf: Leaf
    tail: str = ""

    def __str__(self) -> str:
        topic = f"{PREFIX}/{self.district}/{self.kind}/{self.device_id}/{self.leaf}"
        return f"{topic}/{self.tail}" if self.tail else topic


class UnknownTopic(ValueError):
    """A topic that the contract does not have; `topic` and `reason` say which and why.

    If only its last level has the wrong form, `branch` is the address without that.
    """

    def __init__(self, topic: str, reason: str, branch: Address | None = None) -> None:
        super().__init__(f"topic {_quoted(topic)}: {reason}")
        self.topic = topic
        self.reason = reason
        self.branch = branch


def _quoted(text: str) -> str:
    """As a Python literal, cut to the length that the longest good level has."""
    return repr(text if len(text) <= 64 else f"{text[:63]}…")


def device(district: str, kind: Kind, device_id: str, leaf: Leaf, tail: str = "") -> str:
    """The topic of one leaf of one device; raises UnknownTopic if a part is malformed."""
    return str(parse(str(Address(district, kind, DeviceId(device_id), leaf, tail))))


def parse(topic: str) -> Address:
    """Take a device's topic apart. Raises UnknownTopic, with the reason, if it is not one."""
    levels = topic.split("/")
    if len(levels) < 6 or not topic.startswith(f"{PREFIX}/"):
        raise UnknownTopic(topic, f"not under {PREFIX}/{{district}}/{{kind}}/{{id}}/")
    district, kind_text, device_id, *rest = levels[2:]
    if not _DISTRICT.fullmatch(district):
        raise UnknownTopic(topic, f"{_quoted(district)} is no district code")
    try:
        kind = Kind(kind_text)
    except ValueError:
        raise UnknownTopic(topic, f"{_quoted(kind_text)} is no kind of device") from None
    if not _DEVICE_ID.fullmatch(device_id):
        raise UnknownTopic(topic, f"{_quoted(device_id)} is no device id")
    leaf, tail = _leaf_and_tail(topic, rest)
    address = Address(district, kind, DeviceId(device_id), leaf, tail)
    if leaf in _TAIL_FORMS and not _TAIL_FORMS[leaf].fullmatch(tail):
        reason = f"{_quoted(tail)} has not the form that {leaf} asks for"
        raise UnknownTopic(topic, reason, replace(address, tail=""))
    return address


def branch_of(topic: str) -> Address:
    """A device's topic without its last level, if that differs in each message. Raises UnknownTopic."""
    try:
        return replace(parse(topic), tail="")
    except UnknownTopic as error:
        if error.branch is None:
            raise
        return error.branch


def _leaf_and_tail(topic: str, rest: list[str]) -> tuple[Leaf, str]:
    joined = "/".join(rest)
    if joined in _BARE_LEAVES:
        return Leaf(joined), ""
    if len(rest) == 2 and rest[0] in _TAILED_LEAVES:
        return Leaf(rest[0]), rest[1]
    raise UnknownTopic(topic, f"there is no {_quoted(joined)} in the contract")


_TAILED_LEAVES = frozenset(str(leaf) for leaf in _TAIL_FORMS)
_BARE_LEAVES = frozenset(str(leaf) for leaf in Leaf) - _TAILED_LEAVES


def hub_status(district: str) -> str:
    """Retained; the hub's birth and last will. Devices announce themselves again at its birth."""
    return f"{PREFIX}/{district}/hub/status"


def partner_case(district: str, case_id: int | str) -> str:
    """Outgoing CloudEvents about one case."""
    return f"{PREFIX}/{district}/partners/cases/{case_id}"


def every_device(kind: Kind, leaf: Leaf, district: str = "+") -> str:
    """A subscription filter for one leaf of all devices of a kind."""
    tail = "/+" if leaf in _TAIL_FORMS else ""
    return f"{PREFIX}/{district}/{kind}/+/{leaf}{tail}"


def own_commands(district: str, kind: Kind, device_id: str) -> str:
    """The filter by which a device receives its own commands."""
    return f"{PREFIX}/{district}/{kind}/{device_id}/{Leaf.COMMANDS}/+"


def shared(group: str, topic_filter: str) -> str:
    """An MQTT 5 shared subscription of a filter."""
    return f"$share/{group}/{topic_filter}"
