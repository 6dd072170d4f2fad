"""Decode received messages into the rows to store. Pure: the registry is passed in."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hub.evidence.examining import DecodingBudget
from hub.ingest.judging import SampleJudge
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import Registry, UnauthorizedSender
from hub.ingest.rows import Batch, InboxRow, PhotoRow
from hub.ingest.samples import add_samples
from hub.refusals.dead_letter import DeadLetter, is_sampled, source_of
from models import NotAPicture
from wire.content import content_sha256, key_of
from wire.decode import MAX_REASON, Decoded, JpegPayload, Malformed, PartlySound, decode
from wire.messages import RefusalOutcome, TerminalEvent
from wire.salvage import ALARMS, salvage_alarm
from wire.topics import Address, Kind, Leaf, UnknownTopic

_HOUR = timedelta(hours=1)
_RAISED = " (the alarm was raised all the same)"


def decode_batch(
    messages: Iterable[ReceivedMessage],
    registry: Registry,
    budget: DecodingBudget | None = None,
    judge: SampleJudge | None = None,
) -> Batch:
    """Rows or a dead letter for every message. Photos are decoded within the budget of their device.

    `judge` knows where terminals were, and their clocks.
    """
    batch, budget, judge = Batch(), budget or DecodingBudget(), judge or SampleJudge()
    for message in messages:
        address = photo = None
        try:
            address = registry.admit(message.topic)
            decoded = decode(address, message.payload)
            if isinstance(decoded, JpegPayload):
                photo = _examined(address, decoded, message, budget)
        except UnknownTopic as error:
            branch = error.branch if error.branch and registry.is_ours(error.branch) else None
            letter = dead_letter(message, RefusalOutcome.MALFORMED, error.reason, branch)
            batch.dead_letters.append(letter)
        except Malformed as error:
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
            _add(batch, address, decoded, message, judge)
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


def _add(
    batch: Batch, address: Address, decoded: Decoded, message: ReceivedMessage, judge: SampleJudge
) -> None:
    device_id, received_at = address.device_id, message.received_at
    if isinstance(decoded, PartlySound):
        _refuse_samples(batch, address, decoded.reasons, message)
        decoded = decoded.samples
    if isinstance(decoded, list):
        batch.sample_messages.append((len(batch.telemetry), message))
        add_samples(batch, address, decoded, received_at, judge)
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
