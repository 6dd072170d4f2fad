"""Orders to devices, and what devices answer."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from wire.messages.base import Count, Instant, Message, Ordinal, Place, Sha256, Span, Text, Uuid


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


class Order(Span):
    """`priority` 0 is routine, 9 is life at risk. Nobody acts on an order after `expires_at`."""

    command_id: Uuid
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    case_id: Ordinal | None = None


class PlainOrder(Order):
    type: Literal[
        CommandType.LOCATE,
        CommandType.SNAPSHOT,
        CommandType.TALK_START,
        CommandType.REBOOT,
        CommandType.LOCK,
    ]
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
    type: Literal[CommandType.CONFIG, CommandType.MODEL_UPDATE]
    body: ConfigBody


class PtzOrder(Order):
    type: Literal[CommandType.PTZ_GOTO]
    body: PtzBody


class ClipOrder(Order):
    type: Literal[CommandType.RECORD_CLIP]
    body: ClipBody


Command = Annotated[
    PlainOrder
    | TextOrder
    | TaskOrder
    | VideoStartOrder
    | VideoStopOrder
    | ConfigOrder
    | PtzOrder
    | ClipOrder,
    Field(discriminator="type"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


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
