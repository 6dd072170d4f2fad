"""The table of message families: who sends what on which leaf, how, and how large it may be.

Schemas, AsyncAPI, the broker's access lists and the hub's subscriptions are all derived from it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from wire.limits import MAX_JPEG_BYTES, MAX_JSON_BYTES
from wire.messages import (
    CAMERA_COMMAND,
    SAMPLES,
    TERMINAL_COMMAND,
    Ack,
    CameraStatus,
    CaseCloudEvent,
    DesiredModel,
    Detection,
    DeviceConfig,
    EdgeHealth,
    EdgeStatus,
    HubStatus,
    Refused,
    ReportedModel,
    TerminalEvent,
    TerminalStatus,
)
from wire.topics import Kind, Leaf


class MessageDirection(StrEnum):
    """Seen from the device."""

    UP = "up"
    DOWN = "down"
    OUT = "out"


@dataclass(frozen=True)
class Family:
    """One leaf of one kind. `payload` is None for raw JPEG."""

    kind: Kind
    leaf: Leaf
    direction: MessageDirection
    payload: TypeAdapter[Any] | None
    qos: int = 1
    retain: bool = False

    @property
    def max_bytes(self) -> int:
        return MAX_JPEG_BYTES if self.payload is None else MAX_JSON_BYTES

    @property
    def name(self) -> str:
        """For example `terminal_status` or `edge_models_desired`."""
        return f"{self.kind.removesuffix('s')}_{self.leaf.replace('/', '_')}"


def _json(model: type) -> TypeAdapter[Any]:
    return TypeAdapter(model)


_UP, _DOWN = MessageDirection.UP, MessageDirection.DOWN
_CONFIG, _ACK = _json(DeviceConfig), _json(Ack)
REFUSED: TypeAdapter[Refused] = TypeAdapter(Refused)

FAMILIES: tuple[Family, ...] = (
    Family(Kind.TERMINAL, Leaf.STATUS, _UP, _json(TerminalStatus), retain=True),
    Family(Kind.TERMINAL, Leaf.TELEMETRY, _UP, SAMPLES),
    Family(Kind.TERMINAL, Leaf.BACKLOG, _UP, SAMPLES),
    Family(Kind.TERMINAL, Leaf.EVENTS, _UP, _json(TerminalEvent)),
    Family(Kind.TERMINAL, Leaf.COMMANDS, _DOWN, TERMINAL_COMMAND),
    Family(Kind.TERMINAL, Leaf.ACKS, _UP, _ACK),
    Family(Kind.TERMINAL, Leaf.EVIDENCE, _UP, None),
    Family(Kind.TERMINAL, Leaf.CONFIG_DESIRED, _DOWN, _CONFIG, retain=True),
    Family(Kind.TERMINAL, Leaf.CONFIG_REPORTED, _UP, _CONFIG, retain=True),
    Family(Kind.TERMINAL, Leaf.REFUSED, _DOWN, REFUSED),
    Family(Kind.CAMERA, Leaf.STATUS, _UP, _json(CameraStatus), retain=True),
    Family(Kind.CAMERA, Leaf.FRAMES, _UP, None, qos=0),
    Family(Kind.CAMERA, Leaf.COMMANDS, _DOWN, CAMERA_COMMAND),
    Family(Kind.CAMERA, Leaf.ACKS, _UP, _ACK),
    Family(Kind.CAMERA, Leaf.REFUSED, _DOWN, REFUSED),
    Family(Kind.EDGE, Leaf.STATUS, _UP, _json(EdgeStatus), retain=True),
    Family(Kind.EDGE, Leaf.HEALTH, _UP, _json(EdgeHealth)),
    Family(Kind.EDGE, Leaf.DETECTIONS, _UP, _json(Detection)),
    Family(Kind.EDGE, Leaf.EVIDENCE, _UP, None),
    Family(Kind.EDGE, Leaf.CONFIG_DESIRED, _DOWN, _CONFIG, retain=True),
    Family(Kind.EDGE, Leaf.CONFIG_REPORTED, _UP, _CONFIG, retain=True),
    Family(Kind.EDGE, Leaf.MODELS_DESIRED, _DOWN, _json(DesiredModel), retain=True),
    Family(Kind.EDGE, Leaf.MODELS_REPORTED, _UP, _json(ReportedModel), retain=True),
    Family(Kind.EDGE, Leaf.REFUSED, _DOWN, REFUSED),
)

HUB_STATUS: TypeAdapter[HubStatus] = TypeAdapter(HubStatus)
PARTNER_CASE: TypeAdapter[CaseCloudEvent] = TypeAdapter(CaseCloudEvent)

BY_LEAF: dict[tuple[Kind, Leaf], Family] = {(f.kind, f.leaf): f for f in FAMILIES}

TO_HUB: tuple[Family, ...] = tuple(
    f for f in FAMILIES if f.direction is MessageDirection.UP and f.leaf is not Leaf.FRAMES
)
"""What the hub receives; frames go to an edge node."""
