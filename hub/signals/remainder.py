"""A case without the signals that were taken out of it: its place, key, span, condition and clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub import catalogue
from hub.cases.case import CLOCK_RUNS, Case, Event
from hub.cases.dedup import (
    LocatedIssue,
    dedup_key,
    find_closed,
    key_apart,
    open_case_with_key,
)
from hub.catalogue import CatalogueItem, Condition
from hub.deadlines import Limit, Policy, WorkCalendar, due_at, load_calendar
from hub.geo.place import Spot
from hub.journal import Entry, Subject, entries_of
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.reporters import wants_callback
from hub.signals.settling import seen_at
from hub.signals.signal import Signal, SignalState


@dataclass(frozen=True, slots=True)
class Remainder:
    """A case, all of its signals, those that go, and those that stay."""

    case: Case
    signals: Sequence[Signal]
    moved: Sequence[Signal]
    staying: Sequence[Signal]

    @property
    def founder(self) -> Signal | None:
        """The signal that the case was filed for; None if a person filed it by hand."""
        accepted = [each for each in self.signals if each.state is SignalState.ACCEPTED]
        place = (self.case.lon, self.case.lat)
        there = [each for each in accepted if (each.lon, each.lat) == place]
        return min(there or accepted, key=lambda each: each.signal_id, default=None)

    @property
    def loses_its_founder(self) -> bool:
        return self.founder in self.moved and self.founder is not None


async def remaining_case(work: UnitOfWork, rest: Remainder) -> Case:
    """The case as it is without the signals that go. It is not saved."""
    case = rest.case
    item = await catalogue.item(work.db, case.catalogue_version, case.item_key)
    seen = [seen_at(signal) for signal in rest.staying]
    if rest.founder is None:
        seen.append(min(case.filed_at, case.occurred_at) if not seen else case.filed_at)
    after = replace(
        case,
        version=case.version + 1,
        occurred_at=min(seen),
        last_seen_at=max(seen),
        callback_required=item.callback_required or await _is_called_back(work, rest),
    )
    if rest.loses_its_founder:
        after = await _moved(work, rest, item, after)
    entries = await entries_of(work.db, Subject.CASE, str(case.case_id))
    after = _eased(after, rest, item, entries)
    return _with_clock(after, await load_calendar(work.db, case.routed_at or work.now))


async def _is_called_back(work: UnitOfWork, rest: Remainder) -> bool:
    """Whether a reporter who stays, or a person who filed it by hand, asked for it."""
    before = [await wants_callback(work.db, each.signal_id) for each in rest.moved]
    if rest.case.callback_required and not any(before):
        return True
    return any([await wants_callback(work.db, each.signal_id) for each in rest.staying])


async def _moved(work: UnitOfWork, rest: Remainder, item: CatalogueItem, after: Case) -> Case:
    """Where the earliest of the signals that stay is, with a key and a recurrence of its own."""
    placed = [signal for signal in rest.staying if signal.lon is not None]
    if not placed:
        return after
    first = min(placed, key=seen_at)
    assert first.lon is not None
    assert first.lat is not None
    spot = Spot(first.lon, first.lat, first.error_m or 0.0)
    asset_id = first.asset_id or await catalogue.find_asset(work.db, item, spot)
    key = dedup_key(item, asset_id, spot)
    same = await open_case_with_key(work.db, key)
    if same is not None and same.case_id != after.case_id:
        key = key_apart(key, after.case_no)
    issue = LocatedIssue(item, spot, asset_id, seen_at(first))
    earlier = await find_closed(work.db, issue, frozenset({after.case_id}))
    return replace(
        after,
        lon=spot.lon,
        lat=spot.lat,
        error_m=spot.error_m,
        asset_id=asset_id,
        dedup_key=key,
        recurrence_of=None if earlier is None else earlier.case_id,
    )


def _eased(after: Case, rest: Remainder, item: CatalogueItem, entries: Sequence[Entry]) -> Case:
    """The gravest condition that is left, if that is less grave, with its limit."""
    keys = {each.cond_key for each in rest.staying if each.item_key == item.item_key}
    if not rest.loses_its_founder:
        keys.add(_filed_as(entries))
    keys |= {_escalated_to(entry) for entry in entries if entry.event == Event.ESCALATE}
    left = [found for key in keys if key and (found := item.condition(key)) is not None]
    gravest = max(left, key=lambda each: (each.severity.rank, each.cond_key), default=None)
    if gravest is None or gravest.severity.rank >= after.severity.rank:
        return after
    eased = replace(after, cond_key=gravest.cond_key, severity=gravest.severity)
    return _with_limit(eased, gravest)


def _filed_as(entries: Sequence[Entry]) -> str | None:
    changed = entries[0].data.get("changes") if entries else None
    key = changed.get("cond_key") if isinstance(changed, dict) else None
    return key if isinstance(key, str) else None


def _escalated_to(entry: Entry) -> str | None:
    """The condition that a person has raised the case to; what signals showed goes with them."""
    key = entry.data.get("cond_key")
    return key if entry.actor.startswith("user:") and isinstance(key, str) else None


def _with_limit(case: Case, condition: Condition) -> Case:
    if not _has_plain_clock(case) or condition.steps:
        return case
    limit = condition.limit
    return replace(case, limit_type=limit.type, limit_value=limit.value, policy=limit.policy)


def _with_clock(case: Case, calendar: WorkCalendar) -> Case:
    """The deadline that the limit gives from the routing on, if that is later than the present one."""
    limit, start = case.limit, case.routed_at
    if not _has_plain_clock(case) or limit is None or start is None or case.due_at is None:
        return case
    for _ in range(1 + case.extensions):
        start = _due(start, limit, calendar)
    if start <= case.due_at:
        return case
    late = case.overdue_at is not None and case.overdue_at > start
    return replace(case, due_at=start, overdue_at=case.overdue_at if late else None)


def _has_plain_clock(case: Case) -> bool:
    """Whether the deadline follows from routing, limit and extensions alone."""
    return (
        case.state in CLOCK_RUNS
        and case.step is None
        and case.suspended_at is None
        and case.rework == 0
    )


def _due(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    policy = limit.policy if limit.value == int(limit.value) else Policy.ACCUMULATE
    return due_at(start, limit.type, limit.value, policy, calendar).due_at
