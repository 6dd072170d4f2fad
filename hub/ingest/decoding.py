"""Decode received messages into the rows to store. Pure: the registry is passed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from hub.evidence.examining import DecodingBudget
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import Registry, UnauthorizedSender
from hub.refusals.dead_letter import DeadLetter, is_sampled, source_of
from models import NotAPicture
from wire.content import content_sha256, key_of
from wire.crs import gcj02_to_wgs84
from wire.decode import MAX_REASON, Decoded, JpegPayload, Malformed, PartlySound, decode
from wire.limits import CLOCK_AHEAD_S
from wire.messages import Crs, RefusalOutcome, Sample, TerminalEvent
from wire.salvage import ALARMS, salvage_alarm
from wire.topics import Address, Kind, Leaf, UnknownTopic

_AHEAD = timedelta(seconds=CLOCK_AHEAD_S)
_HOUR = timedelta(hours=1)
_RAISED = " (the alarm was raised all the same)"


class TelemetryRow(NamedTuple):
    """One sample in WGS-84, in the order of its COPY: first what the device sent, then what the hub adds.

    `observed_at` is in UTC.
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


class LiveRow(NamedTuple):
    """Where a terminal is. `order_at` is `observed_at`, or `received_at` if that is earlier."""

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
    `live` the newest of each terminal. The few instants in `hour_instants` lie in all the hours that
    the samples belong to. `uplinks` are the messages that moved no terminal. Of the dead letters,
    `refused_samples` are for samples of messages whose others are stored. `sample_messages` are the
    messages of the rows in `telemetry`, each with the number of its first row.
    """

    telemetry: list[tuple[object, ...]] = field(default_factory=list)
    hour_instants: list[datetime] = field(default_factory=list)
    newest: list[TelemetryRow] = field(default_factory=list)
    live: dict[str, LiveRow] = field(default_factory=dict)
    backlog: list[BacklogSpan] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    sample_messages: list[tuple[int, ReceivedMessage]] = field(default_factory=list)
    photos: list[PhotoRow] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    refused_samples: int = 0
    uplinks: dict[str, datetime] = field(default_factory=dict)


def decode_batch(
    messages: Iterable[ReceivedMessage], registry: Registry, budget: DecodingBudget | None = None
) -> Batch:
    """Rows or a dead letter for every message. Photos are decoded within the budget of their device."""
    batch, budget = Batch(), budget or DecodingBudget()
    for message in messages:
        address = photo = None
        try:
            address = registry.admit(message.topic)
            decoded = decode(address, message.payload)
            if isinstance(decoded, JpegPayload):
                photo = _examined(address, decoded, message, budget)
        except (UnknownTopic, Malformed) as error:
            reason = error.reason
            if address is not None and _salvage(batch, address, message):
                reason = reason[: MAX_REASON - len(_RAISED)] + _RAISED
            letter = dead_letter(message, RefusalOutcome.MALFORMED, reason, address)
            batch.dead_letters.append(letter)
        except UnauthorizedSender as error:
            outcome, registered = RefusalOutcome.QUARANTINED, error.registered
            letter = dead_letter(
                message, outcome, error.reason, error.address, registered=registered
            )
            batch.dead_letters.append(letter)
        else:
            if photo is not None:
                batch.photos.append(photo)
            _add(batch, address, decoded, message)
    return batch


def _examined(
    address: Address, photo: JpegPayload, message: ReceivedMessage, budget: DecodingBudget
) -> PhotoRow:
    """The row of a photo that is whole. Raises Malformed."""
    try:
        examined = budget.examine(address.device_id, photo.data)
    except NotAPicture as error:
        raise Malformed(str(address), f"payload: {error.detail}") from None
    return PhotoRow(address.device_id, photo, message.received_at, examined.perceptual_hash)


def hours_of(instants: Iterable[datetime]) -> set[datetime]:
    """The hours (UTC) of instants; fast if neighbouring instants share an hour."""
    hours: set[datetime] = set()
    start = end = datetime.max.replace(tzinfo=UTC)
    for instant in instants:
        if not start <= instant < end:
            start = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            end = start + _HOUR
            hours.add(start)
    return hours


def dead_letter(
    message: ReceivedMessage,
    outcome: RefusalOutcome,
    reason: str,
    address: Address | None,
    *,
    registered: bool = True,
) -> DeadLetter:
    """A dead letter for a message; `address` is None if its topic is unknown."""
    device_id = address.device_id if address is not None and registered else None
    return DeadLetter(
        outcome,
        source_of(message.topic, address),
        reason,
        message.topic,
        message.payload,
        message.received_at,
        device_id,
        is_sampled(address, device_id),
    )


def _add(batch: Batch, address: Address, decoded: Decoded, message: ReceivedMessage) -> None:
    device_id, received_at = address.device_id, message.received_at
    if isinstance(decoded, PartlySound):
        _refuse_samples(batch, address, decoded.reasons, message)
        decoded = decoded.samples
    if isinstance(decoded, list):
        batch.sample_messages.append((len(batch.telemetry), message))
        _add_samples(batch, address, decoded, received_at)
        return
    if isinstance(decoded, JpegPayload):
        batch.inbox.append(_inbox(address, "{}", message, address.tail))
    elif isinstance(decoded, TerminalEvent) and decoded.type in ALARMS:
        _add_alarm(batch, address, decoded, sha256(message.payload).hexdigest(), message)
    else:
        text, key = decoded.model_dump_json(by_alias=True), key_of(decoded)
        content = None if key is None else content_sha256(decoded, address.tail)
        batch.inbox.append(_inbox(address, text, message, key, content))
    if not _is_last_will(address, decoded):
        batch.uplinks[device_id] = received_at


def _salvage(batch: Batch, address: Address, message: ReceivedMessage) -> bool:
    """Raise the alarm that a refused event says; whether there is one."""
    if (address.kind, address.leaf) != (Kind.TERMINAL, Leaf.EVENTS):
        return False
    device_id, received_at = address.device_id, message.received_at
    found = salvage_alarm(message.payload, device_id, received_at)
    if found is None:
        return False
    _add_alarm(batch, address, found.event, found.repeat_key, message)
    batch.uplinks[device_id] = received_at
    return True


def _add_alarm(
    batch: Batch,
    address: Address,
    alarm: TerminalEvent,
    repeat_key: str,
    message: ReceivedMessage,
) -> None:
    """By its content and not by its id, which an earlier event may have had: that one hides no alarm."""
    text = alarm.model_dump_json(by_alias=True)
    row = _inbox(address, text, message, f"alarm/{repeat_key}")
    batch.inbox.append(row._replace(urgent=True))


def _refuse_samples(
    batch: Batch, address: Address, reasons: Sequence[str], message: ReceivedMessage
) -> None:
    """A dead letter for each sample that breaks the contract, with the message as it came."""
    batch.refused_samples += len(reasons)
    batch.dead_letters += [
        dead_letter(message, RefusalOutcome.MALFORMED, reason, address) for reason in reasons
    ]


_fields_of = attrgetter("__dict__")  # reading each attribute takes nearly twice as long
_sent = itemgetter(*TelemetryRow._fields[: TelemetryRow._fields.index("observed_at")])
_observed_at = itemgetter("observed_at")
_crs = itemgetter("crs")
_LON, _LAT, _CRS = (TelemetryRow._fields.index(name) for name in ("lon", "lat", "crs"))
_SHARED = slice(_LON, TelemetryRow._fields.index("network"))
"""The fields that live rows and telemetry rows share, in the same order."""


def _add_samples(
    batch: Batch, address: Address, samples: list[Sample], received_at: datetime
) -> None:
    device_id, backlog = address.device_id, address.leaf is Leaf.BACKLOG
    fields = [*map(_fields_of, samples)]
    # Pydantic gives each instant a zone object, which would make every comparison and COPY slower.
    instants = [at.astimezone(UTC) for at in map(_observed_at, fields)]
    rows = [
        _sent(each) + (at, device_id, received_at, backlog)  # noqa: RUF005  a quarter faster
        for each, at in zip(fields, instants, strict=True)
    ]
    if Crs.GCJ02 in map(_crs, fields):
        rows = [_in_wgs84(row) if row[_CRS] is Crs.GCJ02 else row for row in rows]
    batch.telemetry += rows
    oldest_at, newest_at = min(instants), max(instants)
    batch.hour_instants += (oldest_at, newest_at) if newest_at - oldest_at < _HOUR else instants
    if backlog:
        batch.backlog.append(BacklogSpan(device_id, oldest_at, newest_at))
        batch.uplinks[device_id] = received_at
    else:
        newest = tuple.__new__(TelemetryRow, rows[instants.index(newest_at)])
        batch.newest.append(newest)
        _move_live(batch, newest)


def _in_wgs84(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:_LON] + gcj02_to_wgs84(row[_LON], row[_LAT]) + row[_LAT + 1 :]


def _move_live(batch: Batch, row: TelemetryRow) -> None:
    order_at = min(row.observed_at, row.received_at)
    known = batch.live.get(row.device_id)
    if known is None or order_at >= known.order_at:
        ahead = row.observed_at - row.received_at > _AHEAD
        added = (row.device_id, order_at, row.observed_at, row.received_at, ahead)
        batch.live[row.device_id] = tuple.__new__(LiveRow, tuple(row)[_SHARED] + added)


def _inbox(
    address: Address,
    payload: str,
    message: ReceivedMessage,
    key: str | None,
    content: str | None = None,
) -> InboxRow:
    device_id, leaf = address.device_id, str(address.leaf)
    return InboxRow(
        str(address.kind),
        device_id,
        leaf,
        address.tail,
        payload,
        message.received_at,
        None if key is None else f"{device_id}/{leaf}/{key}",
        False,
        address.tail if address.leaf is Leaf.EVIDENCE else sha256(message.payload).hexdigest(),
        content,
        message,
    )


def _is_last_will(address: Address, decoded: object) -> bool:
    return address.leaf is Leaf.STATUS and getattr(decoded, "state", None) == "offline"
