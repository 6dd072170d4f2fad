"""Birth, last will and health of terminals, cameras, edge nodes and the hub."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from wire.messages.base import (
    BootId,
    ContractVersion,
    Count,
    DeviceIdText,
    Instant,
    Message,
    OrNewWord,
    Sha256,
    Slug,
    Text,
)


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
    """Retained. The birth carries everything, the last will only state and boot_id.

    `contract` is the version of the wire contract that the device was made for, such as 1.1.0.
    """

    state: Link
    boot_id: BootId
    at: Instant | None = None
    firmware: Text | None = None
    contract: ContractVersion | None = None
    capabilities: frozenset[OrNewWord[Capability]] = frozenset()
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
    contract: ContractVersion | None = None
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
    contract: ContractVersion | None = None
    models: tuple[LoadedModel, ...] = ()


class CameraState(StrEnum):
    """How an edge node gets on with one of its cameras."""

    UP = "up"
    """Frames come."""
    BLIND = "blind"
    """Frames come, but for as long as `silent` means, none that shows anything."""
    SILENT = "silent"
    """The way to the camera holds, as far as the node can tell, but no frame has come for long."""
    DOWN = "down"
    """The camera cannot be reached, or refuses."""


class CameraHealth(Message):
    """Frame counts of one camera since the node's start, and the age of its newest frame.

    Of the skipped frames, `frames_dropped` made way for newer ones before there was time for them.
    `reason` says why the camera is down, or blind: `black`, `grey`, `frozen` or `bad: …`; `outages`
    counts how often it was lost.
    """

    camera_id: DeviceIdText
    frames_in: Count
    frames_looked_at: Count
    frames_skipped: Count
    frames_bad: Count = 0
    frames_dropped: Count = 0
    newest_frame_age_s: Annotated[float, Field(ge=0)] | None = None
    state: OrNewWord[CameraState] | None = None
    reason: Text | None = None
    outages: Count = 0


class Storage(StrEnum):
    """Whether an edge node can write to its disk."""

    OK = "ok"
    FULL = "full"
    FAILING = "failing"


class EdgeHealth(Message):
    """Periodic figures of an edge node; `stage_ms` holds the mean per stage since the last one.

    `queue_age_s` is how long the oldest frame has waited for a look. `outbox_dropped` counts what
    never went out, by what it was worth, since the node was set up. `shadow` is a model on trial.
    """

    at: Instant
    cameras: tuple[CameraHealth, ...] = ()
    stage_ms: dict[Slug, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    queue_depth: Count = 0
    queue_age_s: Annotated[float, Field(ge=0)] | None = None
    outbox_depth: Count = 0
    outbox_bytes: Count = 0
    outbox_dropped: dict[Slug, Count] = Field(default_factory=dict)
    storage: OrNewWord[Storage] = Storage.OK
    model: LoadedModel | None = None
    shadow: LoadedModel | None = None
    rss_bytes: Count | None = None
    temperature_c: float | None = None


class HubStatus(Message):
    """Retained. Devices announce themselves again when the hub's `started_at` changes.

    `contract` is the version of the wire contract that the hub speaks.
    """

    state: Link
    started_at: Instant
    version: Text
    contract: ContractVersion | None = None
