"""Signals that a person has put off: they come back by themselves, at once if something graver is seen."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.cases.actor import Actor
from hub.catalogue import CatalogueItem, Condition
from hub.db import SHARE, Connection
from hub.errors import Conflict, InvalidInput
from hub.geo.distance import box_around, distance_m
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.decidable import decidable, permit
from hub.signals.outcomes import SYSTEM, decided
from hub.signals.settling import matter
from hub.signals.signal import Signal, SignalOutcome, SignalState, WaitingReason
from hub.signals.store import SQL, signal_by_id

LONGEST_SNOOZE = timedelta(days=92)
_MAX_ERROR_M = 100.0


async def snooze_signal(
    work: UnitOfWork, signal_id: int, until: datetime, actor: Actor, said: str | None = None
) -> SignalOutcome:
    """Put a waiting signal off until an instant.

    Raises Forbidden, NotFound, InvalidInput unless the instant is within LONGEST_SNOOZE, and Conflict if
    the signal doesn't wait.
    """
    permit(actor)
    if not work.now < until <= work.now + LONGEST_SNOOZE:
        days = LONGEST_SNOOZE.days
        raise InvalidInput(f"say until when, from now to {days} days from now", field="until")
    signal = await decidable(work.db, signal_id)
    snoozed = replace(signal, state=SignalState.SNOOZED, snoozed_until=until)
    return await decided(work, snoozed, actor, said=said)


async def wake_signal(work: UnitOfWork, signal_id: int, actor: Actor) -> SignalOutcome:
    """Let a snoozed signal wait again. Raises Forbidden, NotFound, and Conflict if it isn't snoozed."""
    permit(actor)
    signal = await signal_by_id(work.db, signal_id)
    if signal.state is not SignalState.SNOOZED:
        raise Conflict(f"signal {signal_id} is {signal.state}; open it again", state=signal.state)
    return await wake(work, signal, actor)


async def wake_due(work: UnitOfWork) -> int:
    """Let a share of the signals wait again whose time is over; returns how many."""
    cursor = await work.db.execute(SQL["snoozes_over"], (work.now, SHARE))
    due = {row[0]: row[0] for row in await cursor.fetchall()}

    async def come_back(signal_id: int) -> None:
        await wake(work, await signal_by_id(work.db, signal_id), SYSTEM)

    return await work.each("signal_id", due, come_back)


async def wake_for_graver(
    work: UnitOfWork, seen: Signal, item: CatalogueItem, condition: Condition
) -> None:
    """Let snoozed signals at the place of a new one wait again if that shows something graver.

    They are about the same item, or about none yet. An alarm also wakes what is about its terminal.
    """
    facts: dict[str, object] = {
        "signal_id": seen.signal_id,
        "item_key": item.item_key,
        "device_id": seen.device_id if seen.type in _ALARM_TYPES else None,
    }
    for signal_id in await _snoozed_at(work.db, seen, item, facts):
        snoozed = await signal_by_id(work.db, signal_id)
        _, known = await matter(work.db, snoozed.item_key, snoozed.cond_key)
        if known is None or known.severity.rank < condition.severity.rank:
            said = f"signal {seen.signal_id} shows {item.item_key} / {condition.cond_key}"
            await wake(work, snoozed, SYSTEM, said)


async def wake(
    work: UnitOfWork, signal: Signal, actor: Actor, said: str | None = None
) -> SignalOutcome:
    """Let a snoozed signal wait again, for the reason that it had."""
    verifying = signal.reason == WaitingReason.TO_BE_VERIFIED
    state = SignalState.VERIFYING if verifying else SignalState.NEW
    return await decided(work, replace(signal, state=state, snoozed_until=None), actor, said=said)


_ALARM_TYPES = frozenset({"sos", "fall"})


async def _snoozed_at(
    db: Connection, seen: Signal, item: CatalogueItem, facts: dict[str, object]
) -> list[int]:
    """The snoozed signals that may be about the same, locked."""
    radius = item.dedup.radius_m
    lon, lat = seen.lon or 0.0, seen.lat or 0.0
    box = box_around(lon, lat, radius + 2 * _MAX_ERROR_M)
    facts |= {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
    found = []
    for row in await (await db.execute(SQL["snoozed_near"], facts)).fetchall():
        signal_id, its_lon, its_lat, error_m, is_of_device = row
        errors = min(seen.error_m or 0.0, _MAX_ERROR_M) + min(error_m or 0.0, _MAX_ERROR_M)
        is_near = (
            seen.lon is not None
            and its_lon is not None
            and distance_m(lon, lat, its_lon, its_lat) <= radius + errors
        )
        if is_near or is_of_device:
            found.append(signal_id)
    return found
