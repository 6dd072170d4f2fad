"""Events of terminals, taken in as signals."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub import catalogue
from hub.cases.case import Case
from hub.cases.dedup import lock_place
from hub.cases.store import lock_case
from hub.catalogue import CatalogueItem, Condition
from hub.db import Connection
from hub.devices import Device
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.outcomes import SYSTEM, wait
from hub.signals.pending_checks import request_photo_checks
from hub.signals.settling import join, settle
from hub.signals.signal import (
    Signal,
    SignalOutcome,
    SourceKind,
    WaitingReason,
    outcome_of,
)
from hub.signals.store import SQL, find_signal, insert_signal
from wire.messages import EventType, Place, TerminalEvent

ALARM_ITEM = "sos"
POSITION_COUNTS_FOR = timedelta(minutes=10)
"""A report without a place is placed at its terminal, if its position was reported within this time."""
_ALARMS = frozenset({EventType.SOS, EventType.FALL})


async def take_event(
    work: UnitOfWork, terminal: Device, event: TerminalEvent, received_at: datetime
) -> SignalOutcome:
    """Take in a report or an alarm. A repeated event changes nothing.

    Both become cases; other events go through `kept_events`. The photos of a report are checked
    later, so that they never delay it.
    """
    item = await _item(work.db, event)
    spot = _spot(terminal, event)
    if item is not None and spot is not None:
        await lock_place(work.db, item, spot)
    known = await find_signal(work.db, event.event_id)
    if known is not None:
        return outcome_of(known)
    condition = None if item is None else _condition(item, event)
    signal = signal_of(terminal, event, item, condition, received_at)
    signal_id = await insert_signal(work.db, signal)
    if signal_id is None:
        known = await find_signal(work.db, event.event_id)
        assert known is not None
        return outcome_of(known)
    signal = replace(signal, signal_id=signal_id)
    if event.type is EventType.REPORT:
        await request_photo_checks(work.db, signal, work.now)
    return await _decide(work, signal, event, item, condition)


async def _decide(
    work: UnitOfWork,
    signal: Signal,
    event: TerminalEvent,
    item: CatalogueItem | None,
    condition: Condition | None,
) -> SignalOutcome:
    if item is None:
        return await wait(work, signal, WaitingReason.UNKNOWN_CATEGORY)
    if event.type in _ALARMS and (case := await _case_of_alarm(work.db, signal, item)) is not None:
        return await join(work, signal, case, condition, SYSTEM)
    if signal.lon is None:
        return await wait(work, signal, WaitingReason.NO_PLACE)
    return await settle(work, signal, item, condition)


async def _case_of_alarm(db: Connection, signal: Signal, item: CatalogueItem) -> Case | None:
    """The open case of an earlier alarm of the same terminal, whose holder may be on the move."""
    since = signal.observed_at - timedelta(hours=item.dedup.window_h)
    cursor = await db.execute(SQL["alarm_before"], (signal.device_id, list(_ALARMS), since))
    row = await cursor.fetchone()
    case = None if row is None else await lock_case(db, row[0])
    return case if case is not None and case.is_open else None


async def _item(db: Connection, event: TerminalEvent) -> CatalogueItem | None:
    key = ALARM_ITEM if event.type in _ALARMS else event.category
    if key is None:
        return None
    return await catalogue.find_item(db, await catalogue.current_version(db), key)


def _condition(item: CatalogueItem, event: TerminalEvent) -> Condition | None:
    """The condition that the event names, or the item's only one."""
    if event.type in _ALARMS:
        return item.condition(event.type)
    if event.condition is not None:
        return item.condition(event.condition)
    return item.conditions[0] if len(item.conditions) == 1 else None


def signal_of(
    terminal: Device,
    event: TerminalEvent,
    item: CatalogueItem | None,
    condition: Condition | None,
    received_at: datetime,
) -> Signal:
    """The new signal of an event."""
    signal = Signal(
        source=SourceKind.TERMINAL,
        identity=event.event_id,
        device_id=terminal.device_id,
        type=event.type,
        label=event.category,
        text=event.text or "",
        observed_at=event.observed_at,
        received_at=received_at,
        item_key=None if item is None else item.item_key,
        cond_key=None if condition is None else condition.cond_key,
        evidence=tuple(dict.fromkeys(event.evidence)),
    )
    return signal.placed(_spot(terminal, event))


def _spot(terminal: Device, event: TerminalEvent) -> Spot | None:
    if event.place is not None:
        return _wgs84(event.place)
    position = terminal.position
    if position is None or abs(position.observed_at - event.observed_at) > POSITION_COUNTS_FOR:
        return None
    return Spot(position.lon, position.lat, position.accuracy_m)


def _wgs84(place: Place) -> Spot:
    lon, lat = place.wgs84()
    return Spot(lon, lat, place.accuracy_m)
