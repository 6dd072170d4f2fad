"""Birth, last will and health of terminals, cameras, edge nodes and the hub."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from wire.messages.base import BootId, Count, DeviceIdText, Instant, Message, Sha256, Slug, Text


class Link(StrEnum):
    """What a device says of its own connection."""

    ONLINE = "online"
    OFFLINE = "offline"


class Capability(StrEnum):
    """What a terminal can do besides reporting its position."""

    VIDEO = "video"
    TALK = "talk"
    PHOTO = "photo"


class TerminalStatus(Message):
    """Retained. The birth carries everything, the last will only state and boot_id."""

    state: Link
    boot_id: BootId
    at: Instant | None = None
    firmware: Text | None = None
    capabilities: frozenset[Capability] = frozenset()
    holder: Text | None = None


class Stream(Message):
    """One picture stream of a camera, for example role `main` or `sub`."""

    role: Slug
    width: Annotated[int, Field(ge=1, le=16384)]
    height: Annotated[int, Field(ge=1, le=16384)]
    fps: Annotated[float, Field(gt=0, le=240)]


class CameraStatus(Message):
    """Retained. Birth and last will of a camera."""

    state: Link
    boot_id: BootId
    at: Instant | None = None
    firmware: Text | None = None
    streams: tuple[Stream, ...] = ()
    health: Text | None = None


class LoadedModel(Message):
    """A vision model by name, version and hash of its weights."""

    name: Text
    version: Text
    sha256: Sha256


class EdgeStatus(Message):
    """Retained. Birth and last will of an edge node."""

    state: Link
    boot_id: BootId
    at: Instant | None = None
    firmware: Text | None = None
    models: tuple[LoadedModel, ...] = ()


class CameraHealth(Message):
    """Frame counts of one camera since the node's start, and the age of its newest frame."""

    camera_id: DeviceIdText
    frames_in: Count
    frames_looked_at: Count
    frames_skipped: Count
    frames_bad: Count = 0
    newest_frame_age_s: Annotated[float, Field(ge=0)] | None = None


class EdgeHealth(Message):
    """Periodic figures of an edge node; `stage_ms` holds the mean per stage since the last one."""

    at: Instant
    cameras: tuple[CameraHealth, ...] = ()
    stage_ms: dict[Slug, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    queue_depth: Count = 0
    outbox_depth: Count = 0
    temperature_c: float | None = None


class HubStatus(Message):
    """Retained. Devices announce themselves again when the hub's `started_at` changes."""

    state: Link
    started_at: Instant
    version: Text
