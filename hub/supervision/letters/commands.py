"""Issue letters, sign for them, answer and recall them, and flag answers that are late."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog
from pydantic import JsonValue

from hub.accounts.account import Account, Role
from hub.cases import Case
from hub.cases.commands import note
from hub.cases.store import case_by_id, lock_case
from hub.db import SHARE
from hub.deadlines import WorkCalendar, load_calendar
from hub.errors import Conflict, Forbidden, InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.letters import store
from hub.supervision.letters.facts import gather_letter_facts
from hub.supervision.letters.letter import (
    NAMES_EN,
    Letter,
    LetterEntryKind,
    LetterKind,
    NewLetter,
    letter_no,
)
from hub.supervision.letters.store import SQL
from hub.supervision.letters.visibility import sees_letter

log = structlog.get_logger()


async def issue_letter(
    work: UnitOfWork, case: Case, new: NewLetter, calendar: WorkCalendar
) -> Letter:
    """Issue a letter about a case that the caller has locked. Raises InvalidInput for an unknown unit.

    Its number is given back if the transaction fails, and others wait for it until then.
    """
    copies = tuple(key for key in dict.fromkeys(new.copies) if key != new.unit_key)
    new = replace(new, copies=copies)
    await store.unit_names(work.db, (new.unit_key, *copies))
    year, number = await store.take_number(work.db, new.kind, work.now)
    said = letter_no(new.kind, year, number)
    facts = await gather_letter_facts(work.db, case, new, said, work.now, calendar)
    columns = {
        "kind": str(new.kind),
        "year": year,
        "number": number,
        "case_id": case.case_id,
        "unit_key": new.unit_key,
        "copies": copies,
        "facts": facts.model_dump(mode="json"),
        "issued_at": work.now,
        "issued_by": work.actor,
        "answer_due_at": new.answer_due_at,
    }
    letter_id = await store.insert_letter(work.db, columns)
    letter = await store.letter_by_id(work.db, letter_id)
    await _record(work, letter, LetterEntryKind.LETTER_ISSUED, {"facts": letter.facts})
    log.info("letter_issued", letter_id=letter_id, kind=new.kind, case_no=case.case_no)
    return letter


async def issue_by_hand(work: UnitOfWork, case_id: int, new: NewLetter, account: Account) -> Letter:
    """Issue a letter to a unit of an open case.

    Raises NotFound, Forbidden unless a supervisor asks, InvalidInput, and Conflict if the case has ended.
    """
    if account.role is not Role.SUPERVISOR:
        raise Forbidden("a supervisor issues letters", role=str(account.role))
    if new.kind is LetterKind.ORDER and not new.text.strip():
        raise InvalidInput("say what the unit must do", field="text")
    if new.answer_due_at is not None and new.answer_due_at <= work.now:
        raise InvalidInput("the time for the answer must be in the future", field="answer_due_at")
    case = await lock_case(work.db, case_id)
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended; no letter is needed", state=case.state)
    if new.unit_key not in {case.lead_unit, case.territory_unit, *case.assist_units}:
        raise InvalidInput(
            f"{new.unit_key} has no part in case {case.case_no}; letters go to its units",
            field="unit_key",
        )
    calendar = await load_calendar(work.db, work.now)
    return await issue_letter(work.by(account.actor), case, new, calendar)


async def receive_letter(work: UnitOfWork, letter_id: int, account: Account) -> Letter:
    """Sign for a letter 签收. Signing twice changes nothing.

    Raises NotFound, Forbidden unless the account belongs to the unit, and Conflict once it is recalled.
    """
    letter = await _own_letter(work, letter_id, account)
    if letter.received_at is not None:
        return letter
    facts = {"now": work.now, "actor": account.actor, "letter_id": letter_id}
    await work.db.execute(SQL["receive"], facts)
    return await _changed(work.by(account.actor), letter_id, LetterEntryKind.LETTER_RECEIVED)


async def answer_letter(
    work: UnitOfWork, letter_id: int, answer: str, photos: tuple[str, ...], account: Account
) -> Letter:
    """Answer a letter 回复, which also signs for it.

    Raises NotFound, Forbidden unless the account belongs to the unit, Conflict if it is recalled or
    answered already, and InvalidInput without a text or for a photo that has not arrived.
    """
    letter = await _own_letter(work, letter_id, account)
    if letter.answered_at is not None:
        raise Conflict(f"{letter.letter_no} is answered already", state=letter.state)
    if not answer.strip():
        raise InvalidInput("say what was done", field="text")
    photos = tuple(dict.fromkeys(photos))
    await store.require_photos(work.db, photos)
    facts = {
        "now": work.now,
        "actor": account.actor,
        "letter_id": letter_id,
        "answer": answer.strip(),
        "photos": list(photos),
    }
    await work.db.execute(SQL["answer"], facts)
    said: dict[str, JsonValue] = {"answer": answer.strip(), "photos": list(photos)}
    return await _changed(work.by(account.actor), letter_id, LetterEntryKind.LETTER_ANSWERED, said)


async def recall_letter(work: UnitOfWork, letter_id: int, reason: str, account: Account) -> Letter:
    """Recall a letter; it stays, with its number and the reason.

    Raises NotFound, Forbidden unless a supervisor asks, InvalidInput without a reason, and Conflict if it
    is recalled already.
    """
    if account.role is not Role.SUPERVISOR:
        raise Forbidden("a supervisor recalls letters", role=str(account.role))
    letter = await store.lock_letter(work.db, letter_id)
    if not reason.strip():
        raise InvalidInput("say why the letter is recalled", field="reason")
    if letter.recalled_at is not None:
        raise Conflict(f"{letter.letter_no} is recalled already", state=letter.state)
    facts = {
        "now": work.now,
        "actor": account.actor,
        "letter_id": letter_id,
        "reason": reason.strip(),
    }
    await work.db.execute(SQL["recall"], facts)
    return await _changed(
        work.by(account.actor), letter_id, LetterEntryKind.LETTER_RECALLED, reason=reason.strip()
    )


async def move_answer(work: UnitOfWork, letter_id: int, due_at: datetime) -> Letter:
    """Move the deadline of an answer with the calendar; one that is no longer late loses the mark."""
    facts = {"due_at": due_at, "now": work.now, "letter_id": letter_id}
    await work.db.execute(SQL["move_answer"], facts)
    letter = await store.letter_by_id(work.db, letter_id)
    late: dict[str, JsonValue] = {"overdue": letter.overdue_at is not None}
    return await _changed(work, letter_id, LetterEntryKind.LETTER_DEADLINE_MOVED, late)


async def flag_unanswered(work: UnitOfWork) -> int:
    """Flag a share of the letters whose answer has not come in time; returns how many.

    Nobody is to blame for those of cases that are void or merged.
    """
    cursor = await work.db.execute(SQL["unanswered"], (work.now, SHARE))
    due = [row[0] for row in await cursor.fetchall()]
    return await work.each(
        "letter_id", dict(zip(due, due, strict=True)), partial(_flag, work.by("system:ladder"))
    )


async def _flag(work: UnitOfWork, letter_id: int) -> None:
    await work.db.execute(SQL["flag_overdue"], (work.now, letter_id))
    await _changed(work, letter_id, LetterEntryKind.LETTER_OVERDUE)


async def _own_letter(work: UnitOfWork, letter_id: int, account: Account) -> Letter:
    """A letter to the account's unit that is not recalled, locked."""
    letter = await store.lock_letter(work.db, letter_id)
    if not await sees_letter(work.db, letter, account):
        raise NotFound(f"there is no letter {letter_id}", letter_id=letter_id)
    if account.role is not Role.UNIT_HANDLER or account.unit_key != letter.unit_key:
        raise Forbidden(
            f"only the unit that {letter.letter_no} is for signs and answers it",
            unit_key=letter.unit_key,
        )
    if letter.recalled_at is not None:
        raise Conflict(
            f"{letter.letter_no} is recalled: {letter.recall_reason}", state=letter.state
        )
    return letter


async def _changed(
    work: UnitOfWork,
    letter_id: int,
    kind: LetterEntryKind,
    data: dict[str, JsonValue] | None = None,
    reason: str | None = None,
) -> Letter:
    letter = await store.letter_by_id(work.db, letter_id)
    await _record(work, letter, kind, data or {}, reason)
    log.info(str(kind), letter_id=letter_id)
    return letter


async def _record(
    work: UnitOfWork,
    letter: Letter,
    kind: LetterEntryKind,
    data: dict[str, JsonValue],
    reason: str | None = None,
) -> None:
    """One entry in the letter's journal, and a note of it in the case's."""
    case = await case_by_id(work.db, letter.case_id)
    due = None if letter.answer_due_at is None else letter.answer_due_at.isoformat()
    common: dict[str, JsonValue] = {
        "letter_id": letter.letter_id,
        "letter_no": letter.letter_no,
        "letter": letter.kind,
        "unit_key": letter.unit_key,
        "answer_due_at": due,
    }
    about: dict[str, JsonValue] = {"case_id": letter.case_id, "case_no": case.case_no}
    work.record(
        NewEntry(
            Subject.LETTER,
            str(letter.letter_id),
            kind,
            work.actor,
            work.now,
            reason=reason,
            data=common | about | data,
        )
    )
    words = _WORDS[kind]
    said: dict[str, JsonValue] = {
        "text_zh": f"{words[0]}{letter.letter_no}" + (f"：{reason}" if reason else ""),
        "text_en": f"{words[1]} {NAMES_EN[letter.kind]} {letter.year}/{letter.number}"
        + (f": {reason}" if reason else ""),
    }
    await note(work, case, kind, common | said)


_WORDS: dict[LetterEntryKind, tuple[str, str]] = {
    LetterEntryKind.LETTER_ISSUED: ("发出", "issued"),
    LetterEntryKind.LETTER_RECEIVED: ("签收", "signed for"),
    LetterEntryKind.LETTER_ANSWERED: ("回复", "answered"),
    LetterEntryKind.LETTER_OVERDUE: ("逾期未回复", "not answered in time:"),
    LetterEntryKind.LETTER_DEADLINE_MOVED: (
        "回复期限随日历调整：",
        "deadline moved with the calendar:",
    ),
    LetterEntryKind.LETTER_RECALLED: ("撤回", "recalled"),
}
