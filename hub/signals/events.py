"""Reports of terminals, taken in as signals. Their alarms are in `hub/signals/alarms.py`."""

from datetime import datetime, timedelta

from hub import catalogue
from hub.cases.dedup import lock_place
from hub.catalogue import CatalogueItem, Condition
from hub.db import Connection
from hub.devices import Device
from hub.geo.fix import place_fault
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.alarms import take_alarm
from hub.signals.awaited_photos import PHOTO_WAIT, photo_doubt
from hub.signals.event_signal import event_at, insert_new, signal_of, spot_of
from hub.signals.outcomes import wait
from hub.signals.pending_checks import request_photo_checks
from hub.signals.reporters import keep_holder
from hub.signals.signal import Signal, SignalOutcome, WaitingReason, outcome_of
from hub.signals.taking_up import take_up
from wire.messages import EventType, TerminalEvent
from wire.salvage import ALARMS


async def take_event(
    work: UnitOfWork,
    terminal: Device,
    event: TerminalEvent,
    received_at: datetime,
    photo_wait: timedelta = PHOTO_WAIT,
) -> SignalOutcome:
    """Take in a report or an alarm. A repeated event changes nothing.

    Both become cases; other events go through `kept_events`. The photos of a report are checked
    later, so that they never delay it. One that needs a photo waits for `photo_wait` until it comes.
    """
    if event.type in ALARMS:
        return await take_alarm(work, terminal, event, received_at)
    item = await _item(work.db, event)
    is_false = await _names_false_place(work.db, event)
    spot = None if is_false else spot_of(terminal, event, event_at(terminal, event, received_at))
    if item is not None and spot is not None:
        await lock_place(work.db, item, spot)
    condition = None if item is None else _condition(item, event)
    signal = signal_of(terminal, event, item, condition, received_at)
    signal, is_new = await insert_new(work.db, signal.unplaced() if is_false else signal)
    if not is_new:
        return outcome_of(signal)
    await keep_holder(work.db, signal)
    if event.type is EventType.REPORT:
        await request_photo_checks(work.db, signal, work.now)
    if is_false:
        return await wait(work, signal, WaitingReason.FALSE_PLACE)
    doubt = await photo_doubt(work.db, signal, condition, work.now, photo_wait)
    return await _decide(work, signal, item, condition, doubt)


async def _names_false_place(db: Connection, event: TerminalEvent) -> bool:
    return event.place is not None and await place_fault(db, *event.place.wgs84()) is not None


async def _decide(
    work: UnitOfWork,
    signal: Signal,
    item: CatalogueItem | None,
    condition: Condition | None,
    doubt: WaitingReason | None,
) -> SignalOutcome:
    if item is None:
        return await wait(work, signal, WaitingReason.UNKNOWN_CATEGORY)
    if signal.lon is None:
        return await wait(work, signal, WaitingReason.NO_PLACE)
    return await take_up(work, signal, item, condition, doubt=doubt)


async def _item(db: Connection, event: TerminalEvent) -> CatalogueItem | None:
    if event.category is None:
        return None
    return await catalogue.find_item(db, await catalogue.current_version(db), event.category)


def _condition(item: CatalogueItem, event: TerminalEvent) -> Condition | None:
    """The condition that the event names, or the item's only one."""
    if event.condition is not None:
        return item.condition(event.condition)
    return item.conditions[0] if len(item.conditions) == 1 else None
