"""Find the case of a signal, or make one. Runs under the item's lock, so that it happens once."""

from dataclasses import replace
from datetime import date, datetime

from hub import catalogue
from hub.cases import dedup
from hub.cases import store as case_store
from hub.cases.actor import Actor
from hub.cases.case import REOPENS_WITHIN, Case, Event, State
from hub.cases.dedup import lock_place
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.cases.filing import NewCase, route_case
from hub.cases.moving import note, transition
from hub.cases.record import CaseEntryKind, changes
from hub.catalogue import CatalogueItem, Condition, Severity
from hub.clock import local_date
from hub.db import Connection
from hub.dispatch.policy import guard_by_policy
from hub.geo.place import Spot
from hub.intake.opening import open_case
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.course import Action, Course
from hub.signals.outcomes import SYSTEM, decided, hold_back, wait
from hub.signals.reporters import wants_callback
from hub.signals.signal import Signal, SignalOutcome, SignalState, SourceKind, WaitingReason
from hub.signals.store import SQL, cases_apart_from

VAGUE_M = 300.0
"""A signal with a larger error radius waits for a person, unless its severity is high."""


async def settle(
    work: UnitOfWork,
    signal: Signal,
    item: CatalogueItem,
    condition: Condition | None,
    *,
    doubt: WaitingReason | None = None,
    verified: bool = False,
    monitored: bool = False,
    actor: Actor = SYSTEM,
) -> SignalOutcome:
    """Join the signal to the case that its issue has, or file one.

    With `condition` None, the source didn't name it, and the signal can only join a case. With a
    `doubt` it only joins an open case. `verified`: it was verified, as some items require. If
    `monitored`, it waits, with what would have been done. `actor` is the person who decided, if one
    did. The signal must have a place.
    Call it under `lock_place`.
    """
    spot = _spot(signal)
    asset_id = signal.asset_id or await catalogue.find_asset(work.db, item, spot)
    signal = replace(signal, asset_id=asset_id)
    issue = dedup.LocatedIssue(item, spot, asset_id, seen_at(signal))
    apart = await cases_apart_from(work.db, signal.signal_id)
    same = await dedup.find_same(work.db, issue, apart)
    lacks = doubt
    if lacks is None and actor is SYSTEM:
        lacks = lacking(signal, item, condition, local_date(work.now), verified=verified)
    course = _course(signal, same, lacks, work.now)
    if monitored:
        return await hold_back(work, signal, course.as_json())
    return await _carry_out(work, signal, course, condition, apart, actor)


async def _carry_out(
    work: UnitOfWork,
    signal: Signal,
    course: Course,
    condition: Condition | None,
    apart: frozenset[int],
    actor: Actor,
) -> SignalOutcome:
    match course.action:
        case Action.JOIN:
            assert course.case is not None
            return await join(work, signal, course.case, condition, actor)
        case Action.WAIT:
            assert course.lacks is not None
            return await wait(work, signal, course.lacks)
        case Action.REOPEN:
            assert course.case is not None
            return await reopen(work, signal, course.case, condition, actor)
        case Action.FILE:
            assert condition is not None
            return await _file(work, signal, condition, course.case, apart, actor)


def _course(
    signal: Signal, same: Case | None, lacks: WaitingReason | None, now: datetime
) -> Course:
    """What is to be done with a signal whose issue has the case `same`, if any."""
    if same is not None and (same.is_open or _is_late(signal, same)):
        return Course(Action.JOIN, same)
    recurs = same is not None and reopens(same, now)
    if lacks is not None and not (recurs and lacks is WaitingReason.UNKNOWN_CONDITION):
        return Course(Action.WAIT, lacks=lacks)
    return Course(Action.REOPEN if recurs else Action.FILE, same)


async def join(
    work: UnitOfWork, signal: Signal, case: Case, condition: Condition | None, actor: Actor
) -> SignalOutcome:
    """Add the signal and its photos to a case; a more severe `condition` of its item escalates it."""
    await link_evidence(work.db, signal, case.case_id, work.now)
    seen = await case_store.note_seen(work.db, case, seen_at(signal))
    if not case.callback_required and await wants_callback(work.db, signal.signal_id):
        await case_store.require_callback(work.db, case.case_id)
        seen = replace(seen, callback_required=True)
    merged = replace(
        signal,
        state=SignalState.MERGED,
        reason=None,
        case_id=case.case_id,
        snoozed_until=None,
    )
    outcome = await decided(work, merged, actor)
    await note(
        work.by(actor.name),
        case,
        CaseEntryKind.SIGNAL_JOINED,
        {
            "signal_id": signal.signal_id,
            "source": signal.source,
            "device_id": signal.camera_id or signal.device_id,
            "cond_key": signal.cond_key,
            "evidence": list(signal.evidence),
            "changes": changes(case, seen),
        },
    )
    if condition is not None:
        await escalate(work, case, condition)
    return outcome


async def matter(
    db: Connection, item_key: str | None, cond_key: str | None
) -> tuple[CatalogueItem | None, Condition | None]:
    """The item and condition of the newest catalogue under these keys."""
    if item_key is None:
        return None, None
    item = await catalogue.find_item(db, await catalogue.current_version(db), item_key)
    if item is None or cond_key is None:
        return item, None
    return item, item.condition(cond_key)


async def place_of(db: Connection, signal_id: int) -> Spot | None:
    """The place of a stored signal, without a lock."""
    row = await (await db.execute(SQL["what_it_is_about"], (signal_id,))).fetchone()
    return None if row is None or row[3] is None else Spot(row[3], row[4], row[5] or 0.0)


async def lock_place_of(db: Connection, signal_id: int) -> None:
    """Lock the place of a stored signal. Its case and the signal itself come after that."""
    row = await (await db.execute(SQL["what_it_is_about"], (signal_id,))).fetchone()
    item, _ = (None, None) if row is None else await matter(db, row[0], None)
    spot = await place_of(db, signal_id)
    if item is not None and spot is not None:
        await lock_place(db, item, spot)


async def link_evidence(db: Connection, signal: Signal, case_id: int, now: datetime) -> None:
    """Make the signal's photos evidence of its case."""
    await case_store.add_evidence(db, case_id, evidence_links(signal), now)


async def escalate(work: UnitOfWork, case: Case, condition: Condition) -> None:
    """Escalate the case to a condition of its item, if that is more severe."""
    if case.is_open and condition.severity.rank > case.severity.rank:
        reason = f"a signal shows {condition.cond_key}"
        await transition(
            work,
            case.case_id,
            Event.ESCALATE,
            actor=SYSTEM,
            cond_key=condition.cond_key,
            reason=reason,
        )


def evidence_links(signal: Signal) -> tuple[EvidenceLink, ...]:
    """The signal's photos, each with its boxes."""
    is_camera = signal.source is SourceKind.CAMERA
    kind = EvidenceKind.DETECTION if is_camera else EvidenceKind.REPORT
    return tuple(
        EvidenceLink(
            sha256=sha256,
            kind=kind,
            signal_id=signal.signal_id,
            device_id=signal.camera_id or signal.device_id,
            taken_at=signal.observed_at,
            lon=signal.lon,
            lat=signal.lat,
            boxes=signal.boxes[number : number + 1],
        )
        for number, sha256 in enumerate(signal.evidence)
    )


def seen_at(signal: Signal) -> datetime:
    """When the source saw it, by its own clock, but never later than the signal came in."""
    return min(signal.observed_at, signal.received_at)


def _spot(signal: Signal) -> Spot:
    assert signal.lon is not None
    assert signal.lat is not None
    return Spot(signal.lon, signal.lat, signal.error_m or 0.0)


def _is_late(signal: Signal, case: Case) -> bool:
    """Whether it was seen before the case was closed: then it belongs to it, and nothing recurred."""
    return case.closed_at is not None and seen_at(signal) <= case.closed_at


def reopens(case: Case, now: datetime) -> bool:
    """Whether what is seen now at the place of a case reopens it."""
    closed_at = case.closed_at
    return (
        closed_at is not None and now - closed_at <= REOPENS_WITHIN and case.state is State.CLOSED
    )


def lacking(
    signal: Signal,
    item: CatalogueItem,
    condition: Condition | None,
    today: date,
    *,
    verified: bool = False,
) -> WaitingReason | None:
    """What keeps a signal with a place from becoming a case by itself."""
    if not item.in_force(today):
        return WaitingReason.UNKNOWN_CATEGORY
    if condition is None:
        return WaitingReason.UNKNOWN_CONDITION
    vague = (signal.error_m or 0.0) > VAGUE_M
    if vague and condition.severity is not Severity.HIGH:
        return WaitingReason.VAGUE_PLACE
    if condition.evidence_required and not signal.evidence:
        return WaitingReason.NO_EVIDENCE
    to_be_verified = item.verify_before_filing and not verified
    return WaitingReason.TO_BE_VERIFIED if to_be_verified else None


async def reopen(
    work: UnitOfWork, signal: Signal, case: Case, condition: Condition | None, actor: Actor
) -> SignalOutcome:
    """Reopen a closed case for a signal that shows it again, and route it."""
    reason = f"signal {signal.signal_id} shows it again"
    reopened = await transition(work, case.case_id, Event.RECUR, actor=actor, reason=reason)
    routed = await route_case(work, reopened, actor)
    outcome = await join(work, signal, routed, condition, actor)
    await guard_by_policy(work, case.case_id)
    return replace(outcome, new_case=True)


async def _file(
    work: UnitOfWork,
    signal: Signal,
    condition: Condition,
    earlier: Case | None,
    apart: frozenset[int],
    actor: Actor,
) -> SignalOutcome:
    assert signal.item_key is not None
    new = NewCase(
        item_key=signal.item_key,
        cond_key=condition.cond_key,
        spot=_spot(signal),
        text=signal.text,
        evidence=evidence_links(signal),
        asset_id=signal.asset_id,
        occurred_at=seen_at(signal),
        recurrence_of=None if earlier is None else earlier.case_id,
        callback_required=await wants_callback(work.db, signal.signal_id),
        apart_from=apart,
    )
    case = await open_case(work, new, actor)
    accepted = replace(
        signal,
        state=SignalState.ACCEPTED,
        reason=None,
        case_id=case.case_id,
        snoozed_until=None,
    )
    return await decided(work, accepted, actor, new_case=True)
