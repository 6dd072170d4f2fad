"""Orders to devices, and what devices answer."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, TypeAdapter

from wire.messages.base import Count, Instant, Message, Ordinal, Place, Sha256, Span, Text, Uuid
from wire.topics import Kind


class CommandType(StrEnum):
    LOCATE = "locate"
    MESSAGE = "message"
    DISPATCH = "dispatch"
    VERIFY = "verify"
    GUARD = "guard"
    SNAPSHOT = "snapshot"
    VIDEO_START = "video_start"
    VIDEO_STOP = "video_stop"
    TALK_START = "talk_start"
    BROADCAST = "broadcast"
    CONFIG = "config"
    MODEL_UPDATE = "model_update"
    REBOOT = "reboot"
    LOCK = "lock"
    PTZ_GOTO = "ptz_goto"
    RECORD_CLIP = "record_clip"


class Empty(Message):
    """A command that needs no further word."""


class TextBody(Message):
    text: Text


class TaskBody(Message):
    """A task at a place: what is wrong there, and what its holder should do."""

    title: Text
    text: Text
    place: Place
    case_no: Text | None = None
    due_at: Instant | None = None
    evidence: tuple[Sha256, ...] = ()


class VideoStartBody(Message):
    """Publish live video by WHIP to `whip_url` with `token` as bearer, for at most `max_s`."""

    session_id: Uuid
    whip_url: Text
    token: Text
    max_s: Annotated[int, Field(ge=1, le=1800)]


class VideoStopBody(Message):
    session_id: Uuid


class ConfigBody(Message):
    version: Count


class PtzBody(Message):
    pan_deg: Annotated[float, Field(ge=-180, le=180)]
    tilt_deg: Annotated[float, Field(ge=-90, le=90)]
    zoom: Annotated[float, Field(ge=1, le=100)] = 1.0


class ClipBody(Message):
    length_s: Annotated[int, Field(ge=1, le=120)]


_EXPIRES_AT = (
    "Delivered by: the device has the command and says `delivered` before this instant of the hub's "
    "clock, or it answers `expired`. It doesn't limit what comes after; see the times of each type."
)
_VALID_FOR_S = (
    "The same in seconds from the command's arrival, for a device whose clock is wrong; if it is "
    "given, only it counts."
)
_LONGEST_S = 366 * 86400.0


class Order(Span):
    """`priority` 0 is routine, 9 is life at risk."""

    command_id: Uuid
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    case_id: Ordinal | None = None
    expires_at: Annotated[Instant, Field(description=_EXPIRES_AT)]
    valid_for_s: Annotated[float | None, Field(ge=0, le=_LONGEST_S, description=_VALID_FOR_S)] = (
        None
    )

    def came_too_late(self, now: datetime, since_arrival_s: float) -> bool:
        """Whether a device answers `expired`. `now` is its own clock, and may be wrong."""
        if self.valid_for_s is not None:
            return since_arrival_s >= self.valid_for_s
        return now >= self.expires_at


class PlainOrder(Order):
    type: Literal[
        CommandType.LOCATE,
        CommandType.TALK_START,
        CommandType.REBOOT,
        CommandType.LOCK,
    ]
    body: Empty = Empty()


class SnapshotOrder(Order):
    type: Literal[CommandType.SNAPSHOT]
    body: Empty = Empty()


class TextOrder(Order):
    type: Literal[CommandType.MESSAGE, CommandType.BROADCAST]
    body: TextBody


class TaskOrder(Order):
    type: Literal[CommandType.DISPATCH, CommandType.VERIFY, CommandType.GUARD]
    body: TaskBody


class VideoStartOrder(Order):
    type: Literal[CommandType.VIDEO_START]
    body: VideoStartBody


class VideoStopOrder(Order):
    type: Literal[CommandType.VIDEO_STOP]
    body: VideoStopBody


class ConfigOrder(Order):
    type: Literal[CommandType.CONFIG]
    body: ConfigBody


class ModelUpdateOrder(Order):
    type: Literal[CommandType.MODEL_UPDATE]
    body: ConfigBody


class PtzOrder(Order):
    type: Literal[CommandType.PTZ_GOTO]
    body: PtzBody


class ClipOrder(Order):
    type: Literal[CommandType.RECORD_CLIP]
    body: ClipBody


_OfTerminals: TypeAlias = (
    PlainOrder
    | SnapshotOrder
    | TextOrder
    | TaskOrder
    | VideoStartOrder
    | VideoStopOrder
    | ConfigOrder
)
TerminalCommand = Annotated[_OfTerminals, Field(discriminator="type")]
CameraCommand = Annotated[SnapshotOrder | PtzOrder | ClipOrder, Field(discriminator="type")]
Command = Annotated[
    _OfTerminals | ModelUpdateOrder | PtzOrder | ClipOrder, Field(discriminator="type")
]
TERMINAL_COMMAND: TypeAdapter[TerminalCommand] = TypeAdapter(TerminalCommand)
CAMERA_COMMAND: TypeAdapter[CameraCommand] = TypeAdapter(CameraCommand)
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
"""Any command, whatever kind of device it goes to."""

ORDERS: Mapping[CommandType, type[Order]] = {
    CommandType(type_): order
    for order in get_args(get_args(Command)[0])
    for type_ in get_args(order.model_fields["type"].annotation)
}
"""The model of each type's order."""


def _types(union: object) -> frozenset[CommandType]:
    orders = get_args(get_args(union)[0])
    return frozenset(type_ for type_, order in ORDERS.items() if order in orders)


TAKES: Mapping[Kind, frozenset[CommandType]] = {
    Kind.TERMINAL: _types(TerminalCommand),
    Kind.CAMERA: _types(CameraCommand),
    Kind.EDGE: frozenset(),
}
"""Which commands each kind of device takes; an edge node has a desired state instead."""


class AckState(StrEnum):
    """What a device may say of a command; the hub's own states are not here."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"


class AckResult(Message):
    """What came of it: photos by hash, a place, a word."""

    evidence: Annotated[tuple[Sha256, ...], Field(max_length=9)] = ()
    place: Place | None = None
    text: Text | None = None


class Ack(Message):
    """(command_id, rev) is its identity; `rev` grows by one with each state of a command."""

    command_id: Uuid
    state: AckState
    rev: Annotated[int, Field(ge=1, le=1000)]
    at: Instant
    reason: Text | None = None
    result: AckResult | None = None
