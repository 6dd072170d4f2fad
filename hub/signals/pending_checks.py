"""Have each photo of a report checked once, and act on the result.

A verdict rejects nothing. If it disagrees, a person is asked to compare report and photo; if it
agrees, a case is filed even if the item has `verify_before_filing`. The journal records every check.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind
from hub.cases.store import case_by_id, lock_case
from hub.db import Connection
from hub.errors import Conflict
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.photo_check import Claim, PhotoCheck, ReportVerdict, claim_of
from hub.signals.settling import lock_place_of, matter
from hub.signals.signal import Signal, SignalOutcome, SignalState, WaitingReason, outcome_of
from hub.signals.store import SQL, signal_by_id
from hub.signals.taking_up import take_up

CHECKER = Actor.system("photo_check")
_TELLING = {
    ReportVerdict.AGREES: CaseEntryKind.REPORT_PHOTO_AGREES,
    ReportVerdict.DISAGREES: CaseEntryKind.REPORT_PHOTO_DISAGREES,
    ReportVerdict.UNSURE: CaseEntryKind.REPORT_PHOTO_UNSURE,
}


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """A photo that a worker has taken to check, what it should show, and how often it was taken."""

    signal_id: int
    sha256: str
    attempts: int
    claim: Claim


async def request_photo_checks(db: Connection, signal: Signal, now: datetime) -> None:
    """Have the signal's photos checked as soon as they have arrived."""
    facts = {"signal_id": signal.signal_id, "photos": list(signal.evidence), "now": now}
    await db.execute(SQL["request_photo_checks"], facts)


async def take_pending_check(db: Connection, now: datetime) -> PendingCheck | None:
    """Take a photo to check, reserved for a while. None if no photo waits.

    Commit before checking it, so that nothing stays locked meanwhile.
    """
    row = await (await db.execute(SQL["take_pending_check"], {"now": now})).fetchone()
    if row is None:
        return None
    signal_id, sha256, attempts = row
    cursor = await db.execute(SQL["what_it_is_about"], (signal_id,))
    about = await cursor.fetchone()
    assert about is not None
    item, condition = await matter(db, about[0], about[1])
    return PendingCheck(signal_id, sha256, attempts, claim_of(item, condition))


async def record_photo_check(
    work: UnitOfWork, pending: PendingCheck, check: PhotoCheck
) -> SignalOutcome | None:
    """Write down the result and let it have its effect; None if it was written before.

    Raises Conflict if the signal got another case meanwhile; the caller tries again.
    """
    signal, case = await _locked(work.db, pending.signal_id)
    if not await _is_first(work.db, pending, check, work.now):
        return None
    outcome = outcome_of(signal)
    if check.verdict is ReportVerdict.AGREES:
        await work.db.execute(SQL["doubt_no_more"], (signal.signal_id,))
        if (signal.state, signal.reason) == (SignalState.VERIFYING, WaitingReason.TO_BE_VERIFIED):
            outcome = await _verified(work, signal)
    elif check.verdict is ReportVerdict.DISAGREES and (signal.waits or (case and case.is_open)):
        await _doubt(work.db, signal, work.now)
    await _tell(work, outcome, pending, check)
    return outcome


async def _locked(db: Connection, signal_id: int) -> tuple[Signal, Case | None]:
    """The signal, locked after its place and its case, in the order that filing and merging use, too."""
    await lock_place_of(db, signal_id)
    row = await (await db.execute(SQL["what_it_is_about"], (signal_id,))).fetchone()
    case_id = None if row is None else row[2]
    case = None if case_id is None else await lock_case(db, case_id)
    signal = await signal_by_id(db, signal_id)
    if signal.case_id != case_id:
        raise Conflict(f"signal {signal_id} has just been given to another case; try again")
    return signal, case


async def _is_first(
    db: Connection, pending: PendingCheck, check: PhotoCheck, now: datetime
) -> bool:
    facts = {
        "signal_id": pending.signal_id,
        "sha256": pending.sha256,
        "now": now,
        "verdict": str(check.verdict),
        "boxes": Jsonb([each.as_json() for each in check.seen]),
        "model": None if check.model is None else Jsonb(check.model),
        "note": check.note,
    }
    return (await db.execute(SQL["save_photo_check"], facts)).rowcount == 1


async def _verified(work: UnitOfWork, signal: Signal) -> SignalOutcome:
    item, condition = await matter(work.db, signal.item_key, signal.cond_key)
    if item is None or signal.lon is None:
        return outcome_of(signal)
    return await take_up(work, signal, item, condition, verified=True)


async def _doubt(db: Connection, signal: Signal, now: datetime) -> None:
    """Ask a person to compare them, unless another photo of the report shows what it says."""
    cursor = await db.execute(SQL["has_verdict"], (signal.signal_id, str(ReportVerdict.AGREES)))
    row = await cursor.fetchone()
    if row is not None and not row[0]:
        await db.execute(SQL["doubt"], (now, signal.signal_id))


async def _tell(
    work: UnitOfWork, outcome: SignalOutcome, pending: PendingCheck, check: PhotoCheck
) -> None:
    kind = _TELLING[check.verdict]
    data = _facts(outcome, pending, check)
    entry = NewEntry(
        Subject.SIGNAL, str(pending.signal_id), kind, CHECKER.name, work.now, data=data
    )
    work.record(entry)
    if outcome.case_id is not None:
        await note(work.by(CHECKER.name), await case_by_id(work.db, outcome.case_id), kind, data)


def _facts(
    outcome: SignalOutcome, pending: PendingCheck, check: PhotoCheck
) -> dict[str, JsonValue]:
    return {
        "signal_id": pending.signal_id,
        "case_id": outcome.case_id,
        "sha256": pending.sha256,
        "verdict": str(check.verdict),
        "seen": [each.as_json() for each in check.seen],
        "model": check.model,
        "note": check.note,
    }
