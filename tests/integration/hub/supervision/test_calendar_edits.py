"""An edit of the calendar moves all that counts its days: cases, studies, explanations and answers."""

from datetime import date, timedelta

from hub.cases.case import Event
from hub.cases.commands import flag_overdue_studies
from hub.cases.store import case_by_id
from hub.cases.verification import check_cases
from hub.deadlines.store import DayEdit
from hub.indicators.keeping import keep_up_fully
from hub.journal import Subject, entries_of
from hub.supervision.calendar.commands import edit_calendar, moves_of
from hub.supervision.letters.commands import issue_by_hand
from hub.supervision.letters.letter import LetterKind, NewLetter
from tests.integration.hub.cases.conftest import DISPATCHER
from tests.integration.hub.supervision.conftest import SUPERVISOR
from tests.integration.hub.supervision.test_ladder_sweeps import admin, local, sweep
from tests.use_cases import carry_out

TUESDAY, WEDNESDAY = date(2025, 8, 12), date(2025, 8, 13)


async def edit(db, street, *days: date, workday: bool = False):
    """The deadlines that moved, as whose they are and how they read before and after."""
    edits = [DayEdit(day, workday) for day in days]
    seen = await moves_of(db, edits, street.now)
    moved = await carry_out(db, street.now, edit_calendar, edits, admin())
    assert moved == seen
    return [(str(each.clock), each.due_before, each.due_after) for each in moved]


async def one(db, query: str):
    return await (await db.execute(query)).fetchone()


async def letter(db):
    return await one(db, "SELECT answer_due_at, overdue_at FROM letter ORDER BY letter_id LIMIT 1")


async def test_the_answer_to_a_letter_of_the_ladder_moves_with_a_day_off(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-12 15:19")
    moved = await edit(db, street, WEDNESDAY)

    before, after = local("2025-08-13 15:19"), local("2025-08-14 15:19")
    assert ("letter", before, after) in moved
    assert await letter(db) == (after, None)
    firing = await one(db, "SELECT answer_due_at FROM ladder_firing WHERE letter_id IS NOT NULL")
    assert firing == (after,)
    last = (await entries_of(db, Subject.LETTER, "1"))[-1]
    assert (last.kind, last.data["answer_due_at"]) == ("letter_deadline_moved", after.isoformat())
    told = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert told.kind == "letter_deadline_moved"
    assert await edit(db, street, WEDNESDAY, workday=True) == [("letter", after, before)]


async def test_a_letter_by_hand_keeps_the_date_that_a_person_chose(db, street):
    case = await street.handling(db)
    chosen = local("2025-08-14 12:00")
    new = NewLetter(
        kind=LetterKind.ORDER, unit_key="housing_bureau", answer_due_at=chosen, text="today"
    )
    await carry_out(db, street.now, issue_by_hand, case.case_id, new, SUPERVISOR)
    moved = await edit(db, street, TUESDAY)
    assert "letter" not in [clock for clock, _, _ in moved]
    assert await letter(db) == (chosen, None)


async def test_an_answer_that_a_day_off_excuses_is_late_no_more_also_for_the_indicators(db, street):
    await street.handling(db)
    await sweep(db, street, "2025-08-13 16:00")
    assert (await letter(db))[1] is not None
    await carry_out(db, street.now, keep_up_fully)
    assert await one(db, "SELECT count(overdue_at) FROM press_measure") == (1,)

    await edit(db, street, WEDNESDAY)
    assert await letter(db) == (local("2025-08-14 15:19"), None)
    await carry_out(db, street.now, keep_up_fully)
    assert await one(db, "SELECT count(overdue_at) FROM press_measure") == (0,)
    await sweep(db, street, "2025-08-14 15:20")
    assert (await letter(db))[1] is not None


async def test_an_explanation_moves_and_waits_for_a_deadline_that_moves_itself(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 15:19")
    moved = await edit(db, street, TUESDAY)
    assert moved == [("explanation", local("2025-08-12 15:19"), local("2025-08-13 15:19"))]
    told = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert told.kind == "explanation_moved"

    moved = await edit(db, street, date(2025, 8, 11))
    assert moved == [
        ("case", local("2025-08-11 15:19"), local("2025-08-13 15:19")),
        ("explanation", local("2025-08-13 15:19"), local("2025-08-14 15:19")),
    ]
    assert (await case_by_id(db, case.case_id)).overdue_at is None
    await sweep(db, street, "2025-08-14 15:18")
    assert await one(db, "SELECT count(*) FROM ladder_firing WHERE overdue_at IS NOT NULL") == (0,)


async def test_the_clock_of_a_study_moves_and_its_mark_goes(db, street):
    case = await street.file(db)
    units = ("housing_bureau", "sanitation")
    study = await street.move(db, case, Event.REFER_STUDY, DISPATCHER, units=units)
    assert study.study_due_at == local("2025-08-08 15:19")
    street.forward(days=1, minutes=1)
    await carry_out(db, street.now, flag_overdue_studies)
    assert (await case_by_id(db, case.case_id)).study_overdue_at is not None

    moved = await edit(db, street, date(2025, 8, 8))
    assert moved == [("study", study.study_due_at, local("2025-08-11 15:19"))]
    after = await case_by_id(db, case.case_id)
    assert (after.study_due_at, after.study_overdue_at) == (local("2025-08-11 15:19"), None)
    assert [each async for each in check_cases(db)] == []
    (told,) = await entries_of(db, Subject.CATALOGUE, "calendar")
    assert told.data["moved_by_clock"] == {"study": 1}

    street.now += timedelta(days=1)
    await street.move(
        db, case, Event.RULE, DISPATCHER, unit_key="housing_bureau", text="x", reason="y"
    )
    assert "study" not in [clock for clock, _, _ in await edit(db, street, date(2025, 8, 11))]
