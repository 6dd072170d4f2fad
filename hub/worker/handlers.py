"""What each kind of message means: one function per leaf, in the message's transaction."""

from datetime import datetime

import structlog
from pydantic import TypeAdapter

from hub.cases import commands as cases
from hub.db import Connection
from hub.devices import Device, device_by_id
from hub.devices.commands import take_health, take_status
from hub.devices.remote import take_report
from hub.dispatch import commands as dispatch
from hub.duty.commands import battery_is_low
from hub.errors import Forbidden, NotFound
from hub.evidence import EvidenceStore
from hub.signals import commands as signals
from hub.worker.inbox import InboxMessage
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


async def handle(
    evidence: EvidenceStore, db: Connection, message: InboxMessage, now: datetime
) -> None:
    """Let a message have its effect."""
    family = BY_LEAF[Kind(message.kind), Leaf(message.leaf)]
    decoded = None if family.payload is None else _checked(family.payload, message)
    match decoded:
        case TerminalStatus() | CameraStatus() | EdgeStatus():
            await take_status(db, message.device_id, decoded, message.received_at)
            if decoded.state is Link.ONLINE:
                await dispatch.announce(db, message.device_id, now)
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
        case DeviceConfig() | ReportedModel():
            await take_report(db, message.device_id, decoded, message.received_at)
        case None:
            await cases.photo_arrived(db, message.tail, evidence)
        case _:
            log.info("message_kept", device_id=message.device_id, leaf=message.leaf)


def _checked(payload: TypeAdapter[object], message: InboxMessage) -> object:
    return payload.validate_python(message.payload, strict=False)


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
