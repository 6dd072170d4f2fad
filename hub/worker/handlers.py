"""What each kind of message means: one function per leaf, in the transaction of its messages."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog

from hub.cases import commands as cases
from hub.db import Connection
from hub.devices import Device, device_by_id
from hub.devices.commands import NewStatus, Status, take_health, take_statuses
from hub.devices.remote import NewReport, take_reports
from hub.dispatch import commands as dispatch
from hub.errors import Forbidden, NotFound
from hub.evidence import EvidenceStore
from hub.monitoring.commands import battery_is_low
from hub.signals import commands as signals
from hub.worker.inbox import Handling, InboxMessage
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


def handling(evidence: EvidenceStore) -> Handling:
    """What the worker does with its inbox. A crowd that comes back says who is there and what it runs."""
    return Handling(partial(handle, evidence), together=frozenset({Leaf.STATUS, *_REPORTS}))


async def handle(
    evidence: EvidenceStore, db: Connection, messages: Sequence[InboxMessage], now: datetime
) -> None:
    """Let messages have their effect: one of any leaf, or statuses or reports of several devices."""
    if messages[0].leaf == Leaf.STATUS:
        await _statuses(db, messages, now)
    elif messages[0].leaf in _REPORTS:
        await take_reports(
            db, [NewReport(m.device_id, _report(m), m.received_at) for m in messages]
        )
    else:
        (message,) = messages
        await _one(evidence, db, message, now)


async def _statuses(db: Connection, messages: Sequence[InboxMessage], now: datetime) -> None:
    said = [NewStatus(m.device_id, _status(m), m.received_at) for m in messages]
    await take_statuses(db, said)
    back = [new.device_id for new in said if new.status.state is Link.ONLINE]
    await dispatch.announce(db, back, now)


async def _one(
    evidence: EvidenceStore, db: Connection, message: InboxMessage, now: datetime
) -> None:
    match decoded := _decoded(message):
        case EdgeHealth():
            await take_health(db, message.device_id, decoded, message.received_at)
        case Detection():
            await _detection(db, message, decoded, now)
        case TerminalEvent():
            terminal = await _known(db, message.device_id)
            outcome = await signals.take_event(db, terminal, decoded, message.received_at, now)
            await _guard(db, outcome, now)
            if decoded.type is EventType.LOW_BATTERY:
                since = min(decoded.observed_at, message.received_at)
                await battery_is_low(db, message.device_id, since, now)
        case Ack():
            await dispatch.take_ack(db, message.device_id, decoded, message.received_at, now)
        case None:
            await cases.photo_arrived(db, message.tail, evidence)
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


def _decoded(message: InboxMessage) -> object:
    """What was checked when it came in; None for bytes."""
    payload = BY_LEAF[Kind(message.kind), Leaf(message.leaf)].payload
    return None if payload is None else payload.validate_python(message.payload, strict=False)


async def _known(db: Connection, device_id: str) -> Device:
    device = await device_by_id(db, device_id)
    if device is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return device


async def _detection(
    db: Connection, message: InboxMessage, detection: Detection, now: datetime
) -> None:
    edge, camera = await _known(db, message.device_id), await _known(db, message.tail)
    if camera.device_id not in edge.cameras:
        raise Forbidden(f"{camera.device_id} is no camera of {edge.device_id}")
    outcome = await signals.take_detection(
        db, camera, message.device_id, detection, message.received_at, now
    )
    await _guard(db, outcome, now)


async def _guard(db: Connection, outcome: signals.SignalOutcome, now: datetime) -> None:
    if outcome.new_case and outcome.case_id is not None:
        await dispatch.guard_by_policy(db, outcome.case_id, now)
