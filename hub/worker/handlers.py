"""What each kind of message means: one function per leaf, in the transaction of its messages."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from hub.commands.answers import NewAck
from hub.db import Connection
from hub.devices import Device, device_by_id
from hub.devices.commands import NewStatus, Status, take_health, take_statuses
from hub.devices.remote import NewReport, take_reports
from hub.devices.store import devices_by_id
from hub.dispatch import commands as dispatch
from hub.errors import Forbidden, NotFound
from hub.journal.unit_of_work import UnitOfWork
from hub.monitoring.commands import batteries_are_low
from hub.refusals.keeping import RefusedKeeping
from hub.signals import commands as signals
from hub.signals.awaited_photos import PHOTO_WAIT
from hub.signals.event_signal import key_reused
from hub.signals.kept_events import KEPT, KeptEvent, keep_events
from hub.worker.inbox import Handling
from hub.worker.inbox_message import InboxMessage
from hub.worker.refusing import RefusedMessage, refuse_for_good
from wire.families import BY_LEAF
from wire.messages import (
    Ack,
    Detection,
    DeviceConfig,
    EdgeHealth,
    EventType,
    Link,
    ReportedModel,
    TerminalEvent,
)
from wire.messages.status import CameraStatus, EdgeStatus, TerminalStatus
from wire.topics import Kind, Leaf

log = structlog.get_logger()

_REPORTS = frozenset({Leaf.CONFIG_REPORTED, Leaf.MODELS_REPORTED})


def handling(
    keeping: RefusedKeeping = RefusedKeeping(), photo_wait: timedelta = PHOTO_WAIT
) -> Handling:
    """How the worker handles its inbox, and the kinds of messages that a crowd of devices sends at once."""
    together: dict[str, frozenset[str]] = {
        leaf: frozenset() for leaf in (Leaf.STATUS, Leaf.ACKS, *_REPORTS)
    }
    together[Leaf.EVENTS] = frozenset(map(str, KEPT))
    return Handling(
        lambda work, messages: handle(work, messages, keeping, photo_wait), together, keeping
    )


async def handle(
    work: UnitOfWork,
    messages: Sequence[InboxMessage],
    keeping: RefusedKeeping = RefusedKeeping(),
    photo_wait: timedelta = PHOTO_WAIT,
) -> None:
    """Handle one message of any leaf, or several devices' messages of a kind that a crowd sends at once."""
    if messages[0].leaf == Leaf.STATUS:
        await _statuses(work, messages)
    elif messages[0].leaf in _REPORTS:
        await take_reports(
            work, [NewReport(m.device_id, _report(m), m.received_at) for m in messages]
        )
    elif messages[0].leaf == Leaf.ACKS:
        await refuse_for_good(work, await _acks(work, messages), keeping)
    elif len(messages) > 1 or _is_kept(messages[0]):
        await refuse_for_good(work, await _kept_events(work, messages), keeping)
    else:
        (message,) = messages
        await _one(work, message, keeping, photo_wait)


async def _statuses(work: UnitOfWork, messages: Sequence[InboxMessage]) -> None:
    said = [NewStatus(m.device_id, _status(m), m.received_at) for m in messages]
    await take_statuses(work.db, said)
    back = [new.device_id for new in said if new.status.state is Link.ONLINE]
    await dispatch.announce(work, back)


async def _acks(work: UnitOfWork, messages: Sequence[InboxMessage]) -> list[RefusedMessage]:
    acks = {NewAck(m.device_id, _ack(m), m.received_at): m for m in messages}
    refused = await dispatch.take_acks(work, [*acks])
    return [RefusedMessage(acks[new], error) for new, error in refused.items()]


def _is_kept(message: InboxMessage) -> bool:
    return message.leaf == Leaf.EVENTS and _event(message).type in KEPT


async def _kept_events(work: UnitOfWork, messages: Sequence[InboxMessage]) -> list[RefusedMessage]:
    known = await devices_by_id(work.db, [message.device_id for message in messages])
    events: dict[KeptEvent, InboxMessage] = {}
    refused: list[RefusedMessage] = []
    for message in messages:
        if (terminal := known.get(message.device_id)) is None:
            refused.append(RefusedMessage(message, _not_registered(message.device_id)))
        else:
            events[KeptEvent(terminal, _event(message), message.received_at)] = message
    reused = await keep_events(work, [*events])
    refused += [RefusedMessage(events[new], error) for new, error in reused.items()]
    low = {
        new.terminal.device_id: min(new.event.observed_at, new.received_at)
        for new in events.keys() - reused.keys()
        if new.event.type is EventType.LOW_BATTERY
    }
    if low:
        await batteries_are_low(work, low)
    return refused


async def _one(
    work: UnitOfWork, message: InboxMessage, keeping: RefusedKeeping, photo_wait: timedelta
) -> None:
    match decoded := _decoded(message):
        case EdgeHealth():
            await take_health(work.db, message.device_id, decoded, message.received_at)
        case Detection():
            await _detection(work, message, decoded)
        case TerminalEvent():
            terminal = await _known(work.db, message.device_id)
            received_at = message.received_at
            outcome = await signals.take_event(work, terminal, decoded, received_at, photo_wait)
            if outcome.key_reused:
                error = key_reused(decoded.event_id, "the alarm was raised all the same")
                await refuse_for_good(work, [RefusedMessage(message, error)], keeping)
        case None:
            log.debug("photo_arrived", device_id=message.device_id, sha256=message.tail)
        case _:
            log.info("message_kept", device_id=message.device_id, leaf=message.leaf)


def _status(message: InboxMessage) -> Status:
    decoded = _decoded(message)
    assert isinstance(decoded, TerminalStatus | CameraStatus | EdgeStatus)
    return decoded


def _report(message: InboxMessage) -> DeviceConfig | ReportedModel:
    decoded = _decoded(message)
    assert isinstance(decoded, DeviceConfig | ReportedModel)
    return decoded


def _event(message: InboxMessage) -> TerminalEvent:
    decoded = _decoded(message)
    assert isinstance(decoded, TerminalEvent)
    return decoded


def _ack(message: InboxMessage) -> Ack:
    decoded = _decoded(message)
    assert isinstance(decoded, Ack)
    return decoded


def _decoded(message: InboxMessage) -> object:
    """The payload, which ingest has checked already; None for bytes."""
    payload = BY_LEAF[Kind(message.kind), Leaf(message.leaf)].payload
    return None if payload is None else payload.validate_python(message.payload, strict=False)


async def _known(db: Connection, device_id: str) -> Device:
    device = await device_by_id(db, device_id)
    if device is None:
        raise _not_registered(device_id)
    return device


def _not_registered(device_id: str) -> NotFound:
    return NotFound(f"device {device_id} is not registered", device_id=device_id)


async def _detection(work: UnitOfWork, message: InboxMessage, detection: Detection) -> None:
    edge, camera = await _known(work.db, message.device_id), await _known(work.db, message.tail)
    if camera.device_id not in edge.cameras:
        raise Forbidden(f"{camera.device_id} is no camera of {edge.device_id}")
    await signals.take_detection(work, camera, message.device_id, detection, message.received_at)
