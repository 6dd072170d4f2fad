"""Edits of the calendar, and the deadlines of open cases that they move."""

from datetime import date, datetime, timedelta

import pytest

from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Event
from hub.cases.commands import edit_days, flag_overdue, moved_by
from hub.cases.moving import resume_suspended
from hub.cases.record import replay_case
from hub.cases.store import case_by_id
from hub.clock import TIMEZONE
from hub.deadlines.store import DayEdit, days_between
from hub.errors import Forbidden, InvalidInput
from hub.geo.place import Spot
from hub.journal import Subject, entries_of
from tests.integration.hub.cases.conftest import HANDLER, LAT, NOW, SUPERVISOR, east
from tests.use_cases import carry_out

ADMIN = Actor("user:admin", Role.ADMIN)
FRIDAY = date(2025, 8, 8)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=TIMEZONE)


async def edit(db, street, *edits: DayEdit):
    return await carry_out(db, street.now, edit_days, list(edits), ADMIN)


async def due_of(db, case):
    return (await case_by_id(db, case.case_id)).due_at


async def test_a_day_off_moves_the_deadlines_that_it_touches(db, street):
    case = await street.routed(db)
    urgent = await street.routed(
        db, spot=Spot(east(300), LAT, 2.0), item_key="road_collapse", cond_key="collapsed"
    )

    (moved,) = await edit(db, street, DayEdit(FRIDAY, False, "flood"))

    assert (moved.case_no, moved.due_before) == (case.case_no, case.due_at)
    assert moved.due_after == local("08-12 15:19") == await due_of(db, case)
    assert await due_of(db, urgent) == urgent.due_at
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert entries[-1].kind == "deadline_recomputed"
    assert entries[-1].data["days"] == ["2025-08-08"]
    assert replay_case(entries).columns["due_at"] == moved.due_after.isoformat()
    assert len(await edit(db, street, DayEdit(FRIDAY, True))) == 1
    assert await due_of(db, case) == case.due_at


async def test_what_would_move_is_shown_before_and_writes_nothing(db, street):
    case = await street.routed(db)

    (seen,) = await moved_by(db, [DayEdit(FRIDAY, False)], street.now)

    assert (seen.case_id, seen.due_after) == (case.case_id, local("08-12 15:19"))
    assert await due_of(db, case) == case.due_at
    (day,) = await days_between(db, FRIDAY, FRIDAY)
    assert (day.is_workday, day.edited_by) == (True, None)


async def test_several_days_are_counted_once(db, street):
    case = await street.routed(db)
    monday = date(2025, 8, 11)

    await edit(db, street, DayEdit(FRIDAY, False), DayEdit(monday, False))

    assert await due_of(db, case) == local("08-13 15:19")
    days = await days_between(db, FRIDAY, monday)
    assert [(day.is_workday, day.edited_by) for day in days] == [
        (False, "user:admin"),
        (False, None),
        (False, None),
        (False, "user:admin"),
    ]


async def test_a_day_of_the_past_counts_too_and_takes_the_mark_of_lateness_away(db, street):
    case = await street.handling(db)
    street.now = local("08-11 16:00")
    assert await carry_out(db, street.now, flag_overdue) == 1

    await edit(db, street, DayEdit(FRIDAY, False, "a holiday that nobody had entered"))

    now = await case_by_id(db, case.case_id)
    assert (now.due_at, now.overdue_at) == (local("08-12 15:19"), None)
    assert await carry_out(db, street.now, flag_overdue) == 0
    replayed = replay_case(await entries_of(db, Subject.CASE, str(case.case_id)))
    assert replayed.columns["overdue_at"] is None


async def test_a_case_that_stays_late_stays_marked(db, street):
    case = await street.handling(db)
    street.now = local("08-20 16:00")
    await carry_out(db, street.now, flag_overdue)

    await edit(db, street, DayEdit(FRIDAY, False))

    now = await case_by_id(db, case.case_id)
    assert (now.due_at, now.overdue_at) == (local("08-12 15:19"), street.now)


async def test_a_worked_saturday_may_make_a_case_late(db, street):
    case = await street.handling(db)
    street.now = local("08-11 09:00")

    await edit(db, street, DayEdit(date(2025, 8, 9), True))

    assert await due_of(db, case) == local("08-09 15:19")
    assert await carry_out(db, street.now, flag_overdue) == 1


async def test_a_paused_case_has_as_much_time_left_after_an_edit_as_it_should(db, street):
    case = await street.handling(db)
    until = local("08-18 09:00")
    street.now = local("08-08 09:19")
    await street.move(db, case, Event.SUSPEND, SUPERVISOR, reason="rain", until=until)

    # The day lies within the pause: nothing moves.
    await edit(db, street, DayEdit(date(2025, 8, 13), False))
    assert await due_of(db, case) == case.due_at
    # The day lies before it: a day that was counted wasn't one.
    await edit(db, street, DayEdit(date(2025, 8, 7), False))
    street.now = until
    assert await carry_out(db, until, resume_suspended) == 1

    # Two workdays were given, 1 h 19 min of Friday were used.
    assert await due_of(db, case) == local("08-19 17:41")


async def test_an_edit_after_a_pause_counts_the_pause_s_days_no_more(db, street):
    case = await street.handling(db)
    street.now = local("08-08 09:19")
    await street.move(
        db, case, Event.SUSPEND, SUPERVISOR, reason="rain", until=local("08-18 09:00")
    )
    street.now = local("08-18 09:00")
    await carry_out(db, street.now, resume_suspended)
    before = await due_of(db, case)

    await edit(db, street, DayEdit(date(2025, 8, 13), False))
    assert await due_of(db, case) == before
    await edit(db, street, DayEdit(date(2025, 8, 19), False))
    assert await due_of(db, case) == before + timedelta(days=1)


async def test_the_deadline_of_a_case_in_check_is_put_right_as_well(db, street):
    case = await street.handling(db)
    street.forward(minutes=5)
    photo = await street.photo(db)
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(photo,))

    await edit(db, street, DayEdit(FRIDAY, False))

    assert await due_of(db, case) == local("08-12 15:19")


async def test_days_of_an_unknown_year_are_assumed_until_they_are_entered(db, street):
    street.now = local("12-31 15:00").replace(year=2026)
    case = await street.routed(db)
    assert case.calendar_assumed
    span = [date(2027, 1, 1) + timedelta(days=n) for n in range(10)]

    await edit(db, street, *(DayEdit(day, day.weekday() < 5) for day in span))

    assert not (await case_by_id(db, case.case_id)).calendar_assumed


async def test_only_an_admin_edits_the_calendar(db, street):
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, edit_days, [DayEdit(FRIDAY, False)], SUPERVISOR)


@pytest.mark.parametrize("edits", [[], [DayEdit(FRIDAY, False), DayEdit(FRIDAY, True)]])
async def test_an_edit_names_each_day_once(db, street, edits):
    with pytest.raises(InvalidInput):
        await carry_out(db, NOW, edit_days, edits, ADMIN)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (DayEdit(date.min, False), "1901"),
        (DayEdit(date.max, False), "9000"),
        (DayEdit(FRIDAY, False, "x" * 201), "200 characters"),
        (DayEdit(FRIDAY, False, "\x00"), "200 characters"),
    ],
)
async def test_a_day_that_is_far_away_or_a_long_note_is_refused(db, street, day, reason):
    with pytest.raises(InvalidInput, match=reason):
        await edit(db, street, day)
    with pytest.raises(InvalidInput, match=reason):
        await moved_by(db, [day], street.now)
