"""Have each photo of a report looked at once, and act on what is seen.

A verdict rejects nothing. Where it disagrees, a person is asked to look; where it agrees, it is the
certainty that an item with `verify_before_filing` waits for. The journal tells of every one.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.moving import note
from hub.cases.store import case_by_id, lock_case, lock_item
from hub.db import Connection
from hub.errors import Conflict
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.look import Claim, Look, Verdict, claim_of
from hub.signals.settling import matter, settle
from hub.signals.signal import Signal, SignalOutcome, SignalState, Waits, outcome_of
from hub.signals.store import SQL, signal_by_id

EYE = Actor.system("report_eye")


@dataclass(frozen=True, slots=True)
class LookToCome:
    """A photo that somebody has taken to look at, what it should show, and how often it was taken."""

    signal_id: int
    sha256: str
    attempts: int
    claim: Claim


async def ask_for_looks(db: Connection, signal: Signal, now: datetime) -> None:
    """Have the signal's photos looked at as soon as they are here."""
    facts = {"signal_id": signal.signal_id, "photos": list(signal.evidence), "now": now}
    await db.execute(SQL["ask_for_looks"], facts)


async def take_look(db: Connection, now: datetime) -> LookToCome | None:
    """Take a photo to look at; nobody else gets it for a while. None where none is here.

    Commit before looking: nothing need be locked meanwhile.
    """
    row = await (await db.execute(SQL["take_look"], {"now": now})).fetchone()
    if row is None:
        return None
    signal_id, sha256, attempts = row
    cursor = await db.execute(SQL["what_it_is_about"], (signal_id,))
    about = await cursor.fetchone()
    assert about is not None
    item, condition = await matter(db, about[0], about[1])
    return LookToCome(signal_id, sha256, attempts, claim_of(item, condition))


async def record_look(work: UnitOfWork, wanted: LookToCome, look: Look) -> SignalOutcome | None:
    """Write down what was seen and let it have its effect; None where it was written before.

    Raises Conflict where the signal got another case meanwhile: try again.
    """
    signal, case = await _locked(work.db, wanted.signal_id)
    if not await _is_first(work.db, wanted, look, work.now):
        return None
    outcome = outcome_of(signal)
    if look.verdict is Verdict.AGREES:
        await work.db.execute(SQL["doubt_no_more"], (signal.signal_id,))
        if (signal.state, signal.reason) == (SignalState.VERIFYING, Waits.TO_BE_VERIFIED):
            outcome = await _verified(work, signal)
    elif look.verdict is Verdict.DISAGREES and (signal.waits or (case and case.is_open)):
        await _doubt(work.db, signal, work.now)
    await _tell(work, outcome, wanted, look)
    return outcome


async def _locked(db: Connection, signal_id: int) -> tuple[Signal, Case | None]:
    """The signal after its item and its case, as whoever files and merges locks them."""
    row = await (await db.execute(SQL["what_it_is_about"], (signal_id,))).fetchone()
    if row is not None and row[0] is not None:
        await lock_item(db, row[0])
        row = await (await db.execute(SQL["what_it_is_about"], (signal_id,))).fetchone()
    case_id = None if row is None else row[2]
    case = None if case_id is None else await lock_case(db, case_id)
    signal = await signal_by_id(db, signal_id)
    if signal.case_id != case_id:
        raise Conflict(f"signal {signal_id} got another case just now; look again")
    return signal, case


async def _is_first(db: Connection, wanted: LookToCome, look: Look, now: datetime) -> bool:
    facts = {
        "signal_id": wanted.signal_id,
        "sha256": wanted.sha256,
        "now": now,
        "verdict": str(look.verdict),
        "boxes": Jsonb([each.as_json() for each in look.seen]),
        "model": None if look.model is None else Jsonb(look.model),
        "note": look.note,
    }
    return (await db.execute(SQL["save_look"], facts)).rowcount == 1


async def _verified(work: UnitOfWork, signal: Signal) -> SignalOutcome:
    item, condition = await matter(work.db, signal.item_key, signal.cond_key)
    if item is None or signal.lon is None:
        return outcome_of(signal)
    return await settle(work, signal, item, condition, verified=True)


async def _doubt(db: Connection, signal: Signal, now: datetime) -> None:
    """Ask for a person's eye, unless another photo of the report shows what it says."""
    cursor = await db.execute(SQL["has_verdict"], (signal.signal_id, str(Verdict.AGREES)))
    row = await cursor.fetchone()
    if row is not None and not row[0]:
        await db.execute(SQL["doubt"], (now, signal.signal_id))


async def _tell(work: UnitOfWork, outcome: SignalOutcome, wanted: LookToCome, look: Look) -> None:
    kind = f"report_photo_{look.verdict}"
    data = _facts(outcome, wanted, look)
    entry = NewEntry(Subject.SIGNAL, str(wanted.signal_id), kind, EYE.name, work.now, data=data)
    work.record(entry)
    if outcome.case_id is not None:
        await note(work.by(EYE.name), await case_by_id(work.db, outcome.case_id), kind, data)


def _facts(outcome: SignalOutcome, wanted: LookToCome, look: Look) -> dict[str, JsonValue]:
    return {
        "signal_id": wanted.signal_id,
        "case_id": outcome.case_id,
        "sha256": wanted.sha256,
        "verdict": str(look.verdict),
        "seen": [each.as_json() for each in look.seen],
        "model": look.model,
        "note": look.note,
    }
