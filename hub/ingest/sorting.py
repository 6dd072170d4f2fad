"""Sort received messages into the rows that will be stored. Pure: no I/O, the registry is passed in."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.ingest.subscriber import Received
from wire import topics
from wire.crs import gcj02_to_wgs84
from wire.decode import JpegPayload, Malformed, decode
from wire.limits import CLOCK_AHEAD_S
from wire.messages import Crs, Detection, Message, Sample, TerminalEvent
from wire.messages.commands import Ack
from wire.topics import Address, Leaf, UnknownTopic

KEPT_PAYLOAD_BYTES = 64 * 1024
"""Of a dead letter that is longer, only this beginning is kept, with its length and hash."""


@dataclass(frozen=True, slots=True)
class TelemetryRow:
    """One sample in WGS-84; `order_at` is its instant for ordering, never after it was received."""

    device_id: str
    boot_id: str
    seq: int
    observed_at: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    battery: float | None
    signal: float | None
    network: str | None
    crs: str
    backlog: bool
    order_at: datetime
    clock_ahead: bool


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message for the worker. `identity` is its own idempotency key, where it has one."""

    kind: str
    device_id: str
    leaf: str
    tail: str
    payload: str
    received_at: datetime
    identity: str | None


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A photo of a device."""

    device_id: str
    picture: JpegPayload
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is not stored as truth: `outcome` is `malformed` or `quarantined`."""

    outcome: str
    topic: str
    reason: str
    payload: bytes
    payload_bytes: int
    payload_sha256: str
    received_at: datetime


@dataclass
class Batch:
    """What one transaction will store."""

    telemetry: list[TelemetryRow] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    pictures: list[PictureRow] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    uplinks: dict[str, datetime] = field(default_factory=dict)

    def live(self) -> dict[str, TelemetryRow]:
        """The newest position per terminal; backlog never moves the live marker."""
        newest: dict[str, TelemetryRow] = {}
        for row in self.telemetry:
            if not row.backlog:
                known = newest.get(row.device_id)
                if known is None or row.order_at > known.order_at:
                    newest[row.device_id] = row
        return newest


def sort(messages: Iterable[Received], *, district: str, registry: Mapping[str, str]) -> Batch:
    """Every message ends in the batch, as rows or as a dead letter. `registry` maps ids to kinds."""
    batch = Batch()
    for message in messages:
        try:
            address = topics.parse(message.topic)
            if stranger := _stranger(address, district, registry):
                batch.dead_letters.append(dead_letter("quarantined", stranger, message))
                continue
            decoded = decode(address, message.payload)
        except (UnknownTopic, Malformed) as error:
            batch.dead_letters.append(dead_letter("malformed", error.reason, message))
            continue
        _add(batch, address, decoded, message)
    return batch


def dead_letter(outcome: str, reason: str, message: Received) -> DeadLetter:
    """The record of a message that was refused."""
    return DeadLetter(
        outcome,
        message.topic.replace("\x00", "�"),
        reason,
        message.payload[:KEPT_PAYLOAD_BYTES],
        len(message.payload),
        hashlib.sha256(message.payload).hexdigest(),
        message.received_at,
    )


def _stranger(address: Address, district: str, registry: Mapping[str, str]) -> str | None:
    if address.district != district:
        return f"district {address.district} is not ours"
    kind = registry.get(address.device_id)
    if kind is None:
        return f"device {address.device_id} is not registered"
    if kind != address.kind:
        return f"device {address.device_id} is registered under {kind}, not {address.kind}"
    return None


def _add(
    batch: Batch, address: Address, decoded: Message | list[Sample] | JpegPayload, message: Received
) -> None:
    device_id, received_at = address.device_id, message.received_at
    if isinstance(decoded, list):
        backlog = address.leaf is Leaf.BACKLOG
        batch.telemetry += [_row(device_id, s, received_at, backlog=backlog) for s in decoded]
    elif isinstance(decoded, JpegPayload):
        batch.pictures.append(PictureRow(device_id, decoded, received_at))
        batch.inbox.append(_inbox(address, "{}", received_at, address.tail))
    else:
        text = decoded.model_dump_json(by_alias=True)
        batch.inbox.append(_inbox(address, text, received_at, _identity(decoded)))
    if not _is_last_will(address, decoded):
        batch.uplinks[device_id] = received_at


def _row(device_id: str, sample: Sample, received_at: datetime, *, backlog: bool) -> TelemetryRow:
    lon, lat = sample.lon, sample.lat
    if sample.crs is Crs.GCJ02:
        lon, lat = gcj02_to_wgs84(lon, lat)
    return TelemetryRow(
        device_id,
        sample.boot_id,
        sample.seq,
        sample.observed_at,
        received_at,
        lon,
        lat,
        sample.accuracy_m,
        sample.speed,
        sample.heading,
        sample.battery,
        sample.signal,
        sample.network,
        sample.crs,
        backlog,
        order_at=min(sample.observed_at, received_at),
        clock_ahead=sample.observed_at - received_at > timedelta(seconds=CLOCK_AHEAD_S),
    )


def _inbox(address: Address, payload: str, received_at: datetime, identity: str | None) -> InboxRow:
    kind, device_id, leaf = str(address.kind), address.device_id, str(address.leaf)
    key = None if identity is None else f"{device_id}/{leaf}/{identity}"
    return InboxRow(kind, device_id, leaf, address.tail, payload, received_at, key)


def _identity(decoded: Message) -> str | None:
    match decoded:
        case TerminalEvent(event_id=event_id):
            return event_id
        case Ack(command_id=command_id, rev=rev):
            return f"{command_id}/{rev}"
        case Detection(detection_id=detection_id, seq=seq):
            return f"{detection_id}/{seq}"
        case _:
            return None


def _is_last_will(address: Address, decoded: object) -> bool:
    return address.leaf is Leaf.STATUS and getattr(decoded, "state", None) == "offline"
