"""Move cases by events, and those that are due by time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Unpack

import structlog
from pydantic import JsonValue

from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import ROUTE_WITHIN, Case, Event
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.cases.facts import gather_facts
from hub.cases.guards import returnable_until
from hub.cases.moves import CaseMove, Payload, PayloadFields
from hub.cases.record import CaseEntryKind, changes, transition_entry
from hub.cases.store import SQL
from hub.cases.transitions import decide
from hub.db import SHARE, Connection
from hub.deadlines import load_calendar
from hub.errors import Conflict
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

CLOCK = Actor.system("clock")
_SHORTEST_WORKDAY = timedelta(hours=1)


async def transition(
    work: UnitOfWork,
    case_id: int,
    event: Event,
    *,
    actor: Actor,
    version: int | None = None,
    **fields: Unpack[PayloadFields],
) -> Case:
    """Let an event move a case.

    `version` is the one that the actor saw; None if it doesn't matter. Raises NotFound,
    Conflict if the case has changed since, IllegalTransition, Forbidden and GuardRefused.
    """
    payload = Payload(**fields)
    others = () if payload.into is None else (payload.into,)
    case = await store.lock_case(work.db, case_id, *others)
    require_version(case, version)
    facts = await gather_facts(work.db, case, event, payload, actor, work.now)
    return await carry_out(work, CaseMove(case, event, actor, payload, facts, work.now))


async def carry_out(work: UnitOfWork, move: CaseMove) -> Case:
    """Decide a move by its facts and carry it out; returns the case after it. The caller has locked it."""
    case, after = move.case, decide(move)
    await store.save_case(work.db, after)
    await _side_effects(work, move, after)
    work.record(transition_entry(case, after, move.event, move.actor, move.now, move.payload))
    log.info("case_moved", case_no=case.case_no, case_event=move.event, state=after.state)
    return after


def require_version(case: Case, version: int | None) -> None:
    """Raises Conflict unless the case still has the version that somebody saw; None doesn't matter."""
    if version is not None and version != case.version:
        raise Conflict(
            f"case {case.case_no} has changed since you opened it; open it again",
            version=case.version,
            state=case.state,
        )


async def change(
    work: UnitOfWork,
    before: Case,
    after: Case,
    kind: str,
    data: Mapping[str, JsonValue],
    *,
    reason: str | None = None,
) -> Case:
    """Save a change that is no transition, with its entry. The caller has locked the case."""
    after = replace(after, version=before.version + 1)
    await store.save_case(work.db, after)
    await note(work, after, kind, {"changes": changes(before, after), **data}, reason=reason)
    return after


async def note(
    work: UnitOfWork,
    case: Case,
    kind: str,
    data: dict[str, JsonValue],
    *,
    reason: str | None = None,
) -> None:
    """Append an entry that moves nothing to a case's journal."""
    work.record(
        NewEntry(
            Subject.CASE,
            str(case.case_id),
            kind,
            work.actor,
            work.now,
            reason=reason,
            data={"case_no": case.case_no, **data},
        )
    )


async def flag_overdue(work: UnitOfWork) -> int:
    """Flag a share of the cases whose deadline has passed; returns how many."""
    return await _sweep(work, "overdue", Event.OVERDUE)


async def flag_overdue_studies(work: UnitOfWork) -> int:
    """Flag a share of the cases whose joint study takes too long; returns how many."""
    return await _sweep(work, "studies_overdue", Event.OVERDUE)


async def flag_late_dispatch(work: UnitOfWork) -> int:
    """Tell of a share of the cases that the hall has left without a unit for too long; how many."""
    facts = {"since": work.now - ROUTE_WITHIN, "limit": SHARE}
    rows = await (await work.db.execute(SQL["dispatch_late"], facts)).fetchall()
    late = {case_id: case_id for (case_id,) in rows}
    return await work.each("case_id", late, partial(_tell_late_dispatch, work))


async def resume_suspended(work: UnitOfWork) -> int:
    """Resume a share of the cases whose suspension has ended; returns how many."""
    return await _sweep(work, "suspensions_over", Event.RESUME)


async def sign_unanswered(work: UnitOfWork) -> int:
    """Sign for units that neither signed nor returned a case while they could, a share at a time.

    Returns how many.
    """
    calendar = await load_calendar(work.db, work.now)
    old = await _locked(work.db, "routed_for_long", work.now - _SHORTEST_WORKDAY, None)
    routed = await store.cases_by_ids(work.db, old)
    due = [case.case_id for case in routed if returnable_until(case, calendar) < work.now][:SHARE]
    return await work.each(
        "case_id", dict(zip(due, due, strict=True)), partial(_by_clock, work, Event.SIGN)
    )


async def _sweep(work: UnitOfWork, query: str, event: Event) -> int:
    case_ids = await _locked(work.db, query, work.now, SHARE)
    return await work.each(
        "case_id", dict(zip(case_ids, case_ids, strict=True)), partial(_by_clock, work, event)
    )


async def _tell_late_dispatch(work: UnitOfWork, case_id: int) -> None:
    case = await store.case_by_id(work.db, case_id)
    data: dict[str, JsonValue] = {"limit_min": ROUTE_WITHIN.total_seconds() / 60}
    told = replace(case, dispatch_late_at=work.now)
    await change(work.by(CLOCK.name), case, told, CaseEntryKind.DISPATCH_LATE, data)


async def _by_clock(work: UnitOfWork, event: Event, case_id: int) -> None:
    await transition(work, case_id, event, actor=CLOCK)


async def _locked(db: Connection, query: str, instant: datetime, limit: int | None) -> list[int]:
    """Lock all at once and before the journal is written, so that there are no deadlocks."""
    return [row[0] for row in await (await db.execute(SQL[query], (instant, limit))).fetchall()]


async def _side_effects(work: UnitOfWork, move: CaseMove, after: Case) -> None:
    if move.event in (Event.FEEDBACK, Event.STEP_DONE, Event.BEGIN_STEP):
        links = _repair_links(move)
        await store.add_evidence(work.db, after.case_id, links, move.now)
    if move.event is Event.MERGE and move.facts.target is not None:
        await _absorb(work, move, move.facts.target)


def _repair_links(move: CaseMove) -> Sequence[EvidenceLink]:
    kind = EvidenceKind.REPAIR if move.event is Event.FEEDBACK else EvidenceKind.STEP
    return [
        EvidenceLink(sha256=photo.sha256, kind=kind, username=move.actor.username)
        for photo in move.facts.provenance
        if photo.passed
    ]


async def _absorb(work: UnitOfWork, move: CaseMove, target: Case) -> None:
    """The target keeps the earliest clock and the highest severity of the two."""
    case = move.case
    graver = case.severity.rank > target.severity.rank and case.item_key == target.item_key
    due = [each.due_at for each in (case, target) if each.due_at is not None]
    grown = replace(
        target,
        version=target.version + 1,
        severity=max(case.severity, target.severity, key=lambda each: each.rank),
        cond_key=case.cond_key if graver else target.cond_key,
        occurred_at=min(case.occurred_at, target.occurred_at),
        last_seen_at=max(case.last_seen_at, target.last_seen_at),
        due_at=min(due) if target.due_at is not None else None,
        callback_required=target.callback_required or case.callback_required,
    )
    await store.absorb(work.db, case.case_id, target.case_id)
    await store.save_case(work.db, grown)
    if grown.callback_required:
        await store.require_callback(work.db, target.case_id)
    data: dict[str, JsonValue] = {"merged": case.case_no, "changes": changes(target, grown)}
    await note(work.by(move.actor.name), grown, CaseEntryKind.CASE_ABSORBED, data)
