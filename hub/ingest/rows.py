"""The rows that a batch of messages becomes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hub.ingest.queue import ReceivedMessage
from hub.refusals.dead_letter import DeadLetter
from wire.decode import JpegPayload


class TelemetryRow(NamedTuple):
    """One sample in WGS-84, in the order of its COPY: first what the device sent, then what the hub adds.

    `observed_at` is in UTC, and corrected: the device itself said `clock_error_s` more.
    """

    boot_id: str
    seq: int
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    battery: float | None
    signal: float | None
    network: str | None
    crs: str
    observed_at: datetime
    device_id: str
    received_at: datetime
    backlog: bool
    clock_error_s: float | None = None


class LiveRow(NamedTuple):
    """Where a terminal is. `order_at` is `observed_at`, or `received_at` if that is earlier.

    `fix_fault` says why a newer place is not trusted, if there is one.
    """

    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    battery: float | None
    signal: float | None
    device_id: str
    order_at: datetime
    observed_at: datetime
    received_at: datetime
    clock_ahead: bool
    fix_fault: str | None = None


class DoubtfulRow(NamedTuple):
    """A sample whose place is not trusted, and why. It is in no track, and moves nothing."""

    device_id: str
    boot_id: str
    seq: int
    observed_at: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float
    battery: float | None
    backlog: bool
    clock_error_s: float | None
    fault: str


class VitalsRow(NamedTuple):
    """What a terminal says besides its place while that is not trusted, and why it is not."""

    device_id: str
    received_at: datetime
    battery: float | None
    signal: float | None
    fault: str


class InboxRow(NamedTuple):
    """A message for the worker. `identity` is its idempotency key, if it has one.

    What is `urgent`, an alarm, is taken before everything else.
    `payload_sha256` is of the bytes that came, `content_sha256` of what a message with a key says.
    """

    kind: str
    device_id: str
    leaf: str
    tail: str
    payload: str
    received_at: datetime
    identity: str | None
    urgent: bool = False
    payload_sha256: str | None = None
    content_sha256: str | None = None
    message: ReceivedMessage | None = None


class PhotoRow(NamedTuple):
    """A photo that a device sent."""

    device_id: str
    photo: JpegPayload
    received_at: datetime
    perceptual_hash: int


class BacklogSpan(NamedTuple):
    """The span of time that a backlog message covers."""

    device_id: str
    first_at: datetime
    last_at: datetime


@dataclass
class Batch:
    """The rows of one transaction.

    `telemetry` has the fields of TelemetryRow. `newest` holds the newest sample of each live message,
    `live` the newest of each terminal with a place that is trusted; the others are in `doubtful` and
    `vitals`. The few instants in `hour_instants` lie in all the hours that
    the samples belong to. `uplinks` are the messages that moved no terminal. Of the dead letters,
    `refused_samples` are for samples of messages whose others are stored. `sample_messages` are the
    messages of the rows in `telemetry`, each with the number of its first row.
    """

    telemetry: list[tuple[object, ...]] = field(default_factory=list)
    hour_instants: list[datetime] = field(default_factory=list)
    newest: list[TelemetryRow] = field(default_factory=list)
    live: dict[str, LiveRow] = field(default_factory=dict)
    doubtful: list[DoubtfulRow] = field(default_factory=list)
    vitals: dict[str, VitalsRow] = field(default_factory=dict)
    backlog: list[BacklogSpan] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    sample_messages: list[tuple[int, ReceivedMessage]] = field(default_factory=list)
    photos: list[PhotoRow] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    refused_samples: int = 0
    uplinks: dict[str, datetime] = field(default_factory=dict)
