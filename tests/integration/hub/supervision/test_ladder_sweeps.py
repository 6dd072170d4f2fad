"""The ladder climbs with the clock, once for each deadline, and not while a case is done or paused."""

from datetime import UTC, date, datetime, timedelta

import pytest
import structlog

from hub.cases.case import Event
from hub.cases.commands import edit_days, flag_overdue, resume_suspended
from hub.cases.store import case_by_id
from hub.deadlines.store import DayEdit
from hub.errors import InvalidInput
from hub.journal import Subject, entries_of
from hub.supervision.ladder.commands import climb_ladder, note_explanations
from hub.supervision.ladder.importing import import_ladder, parse_ladder
from hub.supervision.ladder.store import SHIPPED, load_ladder
from hub.supervision.ladder.views import case_ladder
from hub.supervision.letters.commands import flag_unanswered
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    NOW,
    SUPERVISOR,
    FixedJudge,
    check_feedback,
    named_photos,
    picture,
)
from tests.use_cases import carry_out

SWEEPS = (flag_overdue, resume_suspended, climb_ladder, note_explanations, flag_unanswered)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


async def sweep(db, street, until: str | datetime, step: timedelta = timedelta(hours=1)) -> None:
    """Run the sweeps of a worker each hour until an instant, and then once."""
    end = local(until) if isinstance(until, str) else until
    while street.now < end:
        street.now = min(end, street.now + step)
        for each in SWEEPS:
            await carry_out(db, street.now, each)


async def fired(db, case) -> list[str]:
    cursor = await db.execute(
        "SELECT step_key FROM ladder_firing WHERE case_id = %s ORDER BY firing_id", (case.case_id,)
    )
    return [row[0] for row in await cursor.fetchall()]


async def kinds(db, case) -> list[str]:
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    return [each.kind for each in entries if each.kind != "transition"]


async def test_an_ignored_case_climbs_step_by_step_and_each_step_is_told(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 10:00")
    assert await fired(db, case) == []
    await sweep(db, street, "2025-08-11 10:07")
    assert await fired(db, case) == ["reminder_80"]
    await sweep(db, street, "2025-08-11 15:19")
    assert await fired(db, case) == ["reminder_80", "explanation"]
    await sweep(db, street, "2025-08-12 15:19")
    await sweep(db, street, "2025-08-14 15:19")
    await sweep(db, street, "2025-08-20 18:00")
    assert await fired(db, case) == [
        "reminder_80",
        "explanation",
        "reminder_letter",
        "supervision_letter",
        "weekly_list",
    ]
    assert await kinds(db, case) == [
        "reminder_sent",
        "explanation_due",
        "letter_issued",
        "letter_step",
        "explanation_overdue",
        "letter_overdue",
        "letter_issued",
        "letter_step",
        "weekly_listed",
        "letter_overdue",
    ]


async def test_a_worker_that_slept_fires_each_step_once_and_says_when_it_was_due(db, street):
    case = await street.handling(db)
    street.now = local("2025-08-30 12:00")
    for _ in range(3):
        for each in SWEEPS:
            await carry_out(db, street.now, each)
    assert len(await fired(db, case)) == len(set(await fired(db, case))) == 5
    view = await case_ladder(db, await case_by_id(db, case.case_id), street.now)
    assert [each.reached_at for each in view.fired][:2] == [
        local("2025-08-11 10:07"),
        local("2025-08-11 15:19"),
    ]
    assert {each.fired_at for each in view.fired} == {street.now}


async def test_feedback_stops_the_ladder_and_rework_starts_it_for_the_new_deadline(
    db, street, tmp_path
):
    photos = named_photos(tmp_path)
    case = await street.handling(db)
    await sweep(db, street, "2025-08-12 16:00")
    before = await fired(db, case)
    assert before == ["reminder_80", "explanation", "reminder_letter"]
    sha256 = await street.photo(db)
    photos.put(sha256, picture(1))
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))
    await check_feedback(db, case.case_id, photos, FixedJudge(), street.now)
    await sweep(db, street, "2025-08-18 09:00")
    assert await fired(db, case) == before

    case = await street.move(db, case, Event.FAIL, DISPATCHER, reason="still broken")
    assert case.due_at == local("2025-08-19 09:00")
    await sweep(db, street, "2025-08-19 09:00")
    assert await fired(db, case) == [*before, "reminder_80", "explanation"]
    await sweep(db, street, "2025-08-20 09:00")
    assert (await fired(db, case))[-1] == "reminder_letter"


async def test_a_suspended_case_is_not_pressed_and_goes_on_afterwards(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 10:30")
    until = local("2025-08-20 10:30")
    await street.move(db, case, Event.SUSPEND, SUPERVISOR, reason="no parts", until=until)
    await sweep(db, street, "2025-08-20 10:30")
    assert await fired(db, case) == ["reminder_80"]
    await sweep(db, street, "2025-08-20 15:00")
    due = (await case_by_id(db, case.case_id)).due_at
    assert due == local("2025-08-20 15:19")
    await sweep(db, street, due)
    assert await fired(db, case) == ["reminder_80", "explanation"]


async def test_an_extension_moves_the_steps_and_reminds_once_of_the_new_deadline(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 11:00")
    await street.move(db, case, Event.EXTEND, SUPERVISOR, reason="rain")
    await sweep(db, street, "2025-08-13 15:00")
    assert await fired(db, case) == ["reminder_80", "reminder_80"]
    await sweep(db, street, "2025-08-13 15:20")
    assert (await fired(db, case))[2:] == ["explanation"]


async def test_a_calendar_edit_moves_the_steps_that_are_to_come(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 16:00")
    day_off = [DayEdit(date(2025, 8, 12), is_workday=False)]
    await carry_out(db, street.now, edit_days, day_off, admin())
    await sweep(db, street, "2025-08-13 15:00")
    assert await fired(db, case) == ["reminder_80", "explanation"]
    await sweep(db, street, "2025-08-13 15:19")
    assert (await fired(db, case))[-1] == "reminder_letter"


def admin():
    from hub.accounts.account import Role
    from hub.cases.actor import Actor

    return Actor("user:admin", Role.ADMIN)


async def test_an_explanation_is_noted_and_one_that_is_missing_is_flagged(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-11 16:00")
    await street.move(db, case, Event.EXPLAIN, HANDLER, reason="the lorry broke down")
    await sweep(db, street, "2025-08-13 12:00")
    assert "explanation_overdue" not in await kinds(db, case)
    view = await case_ladder(db, await case_by_id(db, case.case_id), street.now)
    explanation = next(each for each in view.fired if each.step_key == "explanation")
    assert explanation.answered_at == local("2025-08-11 16:00")


async def test_one_broken_case_among_many_stops_none_of_the_others(db, street):
    await db.execute(
        "INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity,"
        " lon, lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by, lead_unit,"
        " routed_at, limit_type, limit_value, policy, due_at)"
        " SELECT 'N-' || n, 'HANDLING', 'manhole_cover', 'broken', 1, 'low', 103.8, 25.6, 5,"
        " 'key-' || n, %(at)s, %(at)s, %(at)s, 'system:test', 'housing_bureau', %(at)s,"
        " 'work_day', CASE n WHEN 7 THEN -1 ELSE 2 END, 'accumulate', %(due)s"
        " FROM generate_series(1, 20) AS n",
        {"at": NOW, "due": local("2025-08-11 15:19")},
    )
    street.now = local("2025-08-12 15:19")
    with structlog.testing.capture_logs() as logs:
        await carry_out(db, street.now, climb_ladder)
    failed = [line for line in logs if line["event"] == "row_failed"]
    assert len(failed) == 1
    cursor = await db.execute(
        "SELECT c.case_no, count(f.*) FROM cases c LEFT JOIN ladder_firing f USING (case_id)"
        " GROUP BY c.case_no"
    )
    assert dict(await cursor.fetchall()) == {f"N-{n}": 0 if n == 7 else 3 for n in range(1, 21)}
    cursor = await db.execute("SELECT number FROM letter ORDER BY number")
    assert [row[0] for row in await cursor.fetchall()] == list(range(1, 20))


async def test_a_granted_appeal_stops_the_letters_for_this_deadline(db, street):
    case = await street.handling(db)
    await sweep(db, street, "2025-08-12 16:00")
    before = await fired(db, case)
    await street.move(db, case, Event.APPEAL, SUPERVISOR, reason="the road was closed by police")
    await sweep(db, street, "2025-08-20 16:00")
    assert await fired(db, case) == before
    view = await case_ladder(db, await case_by_id(db, case.case_id), street.now)
    assert (view.halt, view.to_come) == ("exempt", [])


OWN = """
steps:
  - step_key: half
    kind: reminder
    share_of_limit: 0.5
    reaches: [lead_unit, territory_unit]
    text_zh: 时限过半
    text_en: Half the limit is used
  - step_key: order
    kind: letter
    letter: order
    after_due: {value: 2, type: work_hour}
    reaches: [lead_unit, supervisors]
    text_zh: 发督办单
    text_en: An order is issued
"""


async def test_a_district_puts_its_own_ladder_in_force(db, street):
    report = await carry_out(
        db, NOW, import_ladder, parse_ladder(OWN), source="own.yaml", reason="council"
    )
    assert (report.version, report.added) == (1, ("half", "order"))
    assert len(report.removed) == 5
    case = await street.handling(db)
    await sweep(db, street, "2025-08-12 18:00")
    assert await fired(db, case) == ["half", "order"]
    row = await (await db.execute("SELECT facts ->> 'letter_no' FROM letter")).fetchone()
    assert row == ("督办单〔2025〕1号",)
    again = await carry_out(
        db, street.now, import_ladder, parse_ladder(OWN), source="own.yaml", reason="again"
    )
    assert again.version is None
    assert [each.subject_id for each in await entries_of(db, Subject.LADDER, "1")] == ["1"]


async def test_a_dry_run_writes_nothing_and_a_change_needs_a_reason(db):
    steps = parse_ladder(OWN)
    report = await carry_out(db, NOW, import_ladder, steps, source="f", reason="", dry_run=True)
    assert report.version is None
    assert report.added
    assert (await load_ladder(db)).version == 0
    with pytest.raises(InvalidInput, match="say why"):
        await carry_out(db, NOW, import_ladder, steps, source="f", reason=" ")


def test_every_bad_step_of_a_file_is_named():
    text = (
        OWN + "  - step_key: half\n    kind: reminder\n" + "  - step_key: third\n    kind: song\n"
    )
    with pytest.raises(InvalidInput) as refused:
        parse_ladder(text)
    assert "step 3 (half)" in refused.value.detail
    assert "step 4 (third): kind" in refused.value.detail


@pytest.mark.parametrize("text", ["", "steps: []", "a: [", "steps: 5", "just words"])
def test_a_file_that_is_no_ladder_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_ladder(text)


def test_the_shipped_file_is_a_good_example():
    assert len(parse_ladder(SHIPPED.read_text(encoding="utf-8"))) == 5
