"""Alarms of terminals, SOS and fall, taken in as signals: each is a case at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from hub.alarms.alarm import Alarm, AlarmPlace
from hub.alarms.commands import raise_again
from hub.alarms.place import place_of_alarm
from hub.alarms.store import open_case_of
from hub.cases.case import Case
from hub.cases.dedup import alarm_key
from hub.cases.filing import NewCase
from hub.cases.store import lock_case, lock_cells
from hub.catalogue import CatalogueItem, Condition
from hub.catalogue.commands import ensure_starter_item
from hub.devices import Device
from hub.dispatch.policy import guard_by_policy
from hub.intake.opening import open_alarm_case
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.event_signal import insert_alarm, signal_of
from hub.signals.outcomes import SYSTEM, decided
from hub.signals.reporters import keep_holder
from hub.signals.settling import evidence_links, join, seen_at
from hub.signals.signal import Signal, SignalOutcome, SignalState, outcome_of
from hub.signals.snoozing import wake_for_graver
from wire.messages import TerminalEvent

ALARM_ITEM = "sos"


async def take_alarm(
    work: UnitOfWork, terminal: Device, event: TerminalEvent, received_at: datetime
) -> SignalOutcome:
    """Take in an alarm: a case of its own at once, or the open one of an earlier alarm of the terminal.

    Nothing holds it back: neither a missing or false place, nor a missing item, nor an id that
    another event has had (`key_reused` of the outcome). A repeated event changes nothing.
    """
    await lock_cells(work.db, [f"alarm {terminal.device_id}"])
    item, condition = await _matter(work, event)
    place = await place_of_alarm(work.db, terminal, event, received_at)
    signal = signal_of(terminal, event, item, condition, received_at).placed(place.spot)
    signal, is_new = await insert_alarm(work.db, signal)
    if not is_new:
        return outcome_of(signal)
    await keep_holder(work.db, signal)
    case = await _case_of_alarm(work, signal, item)
    if case is not None:
        outcome = await _join(work, signal, case, condition)
    else:
        outcome = await _open(work, signal, condition, event, place)
    await wake_for_graver(work, signal, item, condition)
    return replace(outcome, key_reused=signal.identity != event.event_id)


async def _open(
    work: UnitOfWork,
    signal: Signal,
    condition: Condition,
    event: TerminalEvent,
    place: AlarmPlace,
) -> SignalOutcome:
    assert signal.item_key is not None
    new = NewCase(
        item_key=signal.item_key,
        cond_key=condition.cond_key,
        spot=place.spot,
        text=signal.text,
        evidence=evidence_links(signal),
        occurred_at=seen_at(signal),
        alarm_key=alarm_key(str(signal.device_id), signal.signal_id),
    )
    rings = partial(
        Alarm,
        type=event.type,
        device_id=str(signal.device_id),
        raised_at=signal.received_at,
        times=1,
        place=place,
    )
    case = await open_alarm_case(work, new, SYSTEM, lambda filed: rings(case_id=filed.case_id))
    accepted = replace(signal, state=SignalState.ACCEPTED, reason=None, case_id=case.case_id)
    return await decided(work, accepted, SYSTEM, new_case=True)


async def _join(
    work: UnitOfWork, signal: Signal, case: Case, condition: Condition
) -> SignalOutcome:
    outcome = await join(work, signal, case, condition, SYSTEM)
    if await raise_again(work.by(SYSTEM.name), case):
        await guard_by_policy(work, case.case_id)
    return outcome


async def _case_of_alarm(work: UnitOfWork, signal: Signal, item: CatalogueItem) -> Case | None:
    """The open case of an earlier alarm of the same terminal, whose holder may be on the move."""
    within = timedelta(hours=item.dedup.window_h)
    case_id = await open_case_of(work.db, str(signal.device_id), within, signal.received_at)
    case = None if case_id is None else await lock_case(work.db, case_id)
    return case if case is not None and case.is_open else None


async def _matter(work: UnitOfWork, event: TerminalEvent) -> tuple[CatalogueItem, Condition]:
    """The item and condition of an alarm; a catalogue without the item gets it from the starter."""
    item = await ensure_starter_item(work, ALARM_ITEM)
    found = item.condition(event.type) or item.condition(ALARM_ITEM)
    return item, found or item.conditions[0]
