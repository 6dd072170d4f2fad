"""Alarms of terminals, SOS and fall, taken in as signals."""

from datetime import datetime, timedelta

from hub import catalogue
from hub.cases.case import Case
from hub.cases.dedup import lock_place
from hub.cases.store import lock_case
from hub.catalogue import CatalogueItem, Condition
from hub.db import Connection
from hub.devices import Device
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.event_signal import insert_new, signal_of, spot_of
from hub.signals.outcomes import SYSTEM, wait
from hub.signals.settling import join, settle
from hub.signals.signal import Signal, SignalOutcome, WaitingReason, outcome_of
from hub.signals.store import SQL
from wire.messages import EventType, TerminalEvent

ALARM_ITEM = "sos"
ALARMS = frozenset({EventType.SOS, EventType.FALL})


async def take_alarm(
    work: UnitOfWork, terminal: Device, event: TerminalEvent, received_at: datetime
) -> SignalOutcome:
    """Take in an alarm. A repeated event changes nothing."""
    item = await catalogue.find_item(work.db, await catalogue.current_version(work.db), ALARM_ITEM)
    spot = spot_of(terminal, event)
    if item is not None and spot is not None:
        await lock_place(work.db, item, spot)
    condition = None if item is None else item.condition(event.type)
    signal, is_new = await insert_new(
        work.db, signal_of(terminal, event, item, condition, received_at)
    )
    if not is_new:
        return outcome_of(signal)
    return await _decide(work, signal, item, condition)


async def _decide(
    work: UnitOfWork, signal: Signal, item: CatalogueItem | None, condition: Condition | None
) -> SignalOutcome:
    if item is None:
        return await wait(work, signal, WaitingReason.UNKNOWN_CATEGORY)
    if (case := await _case_of_alarm(work.db, signal, item)) is not None:
        return await join(work, signal, case, condition, SYSTEM)
    if signal.lon is None:
        return await wait(work, signal, WaitingReason.NO_PLACE)
    return await settle(work, signal, item, condition)


async def _case_of_alarm(db: Connection, signal: Signal, item: CatalogueItem) -> Case | None:
    """The open case of an earlier alarm of the same terminal, whose holder may be on the move."""
    since = signal.observed_at - timedelta(hours=item.dedup.window_h)
    cursor = await db.execute(SQL["alarm_before"], (signal.device_id, list(ALARMS), since))
    row = await cursor.fetchone()
    case = None if row is None else await lock_case(db, row[0])
    return case if case is not None and case.is_open else None
