"""The weekly list: which cases come onto it and why, and that it stays as it was studied."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.cases.case import Event
from hub.cases.commands import flag_overdue
from hub.errors import Conflict, InvalidInput, NotFound
from hub.journal import Subject, entries_of
from hub.supervision.documents.templates import DocumentLanguage
from hub.supervision.weekly import commands
from hub.supervision.weekly.views import weekly_html, weekly_list
from tests.integration.hub.cases.conftest import HANDLER, NOW, SUPERVISOR
from tests.integration.hub.supervision.conftest import STRANGER
from tests.integration.hub.supervision.conftest import SUPERVISOR as CHIEF
from tests.use_cases import carry_out

MONDAY = date(2025, 8, 11)
MORNING = datetime(2025, 8, 11, 0, 0, tzinfo=UTC)


async def test_the_list_is_made_on_monday_morning_and_once(db, street):
    case = await street.routed(db)
    await street.move(db, case, Event.RETURN, HANDLER, reason="not ours")
    assert await carry_out(db, MORNING - timedelta(minutes=1), commands.generate_when_due) == 0
    assert await carry_out(db, MORNING, commands.generate_when_due) == 1
    assert await carry_out(db, MORNING + timedelta(days=2), commands.generate_when_due) == 0
    shown = await weekly_list(db, MONDAY, CHIEF)
    assert [(each.case_id, each.reasons) for each in shown.items] == [
        (case.case_id, ["newly_disputed"])
    ]
    entries = await entries_of(db, Subject.WEEKLY_LIST, "2025-08-11")
    assert entries[0].data["cases"] == {case.case_no: ["newly_disputed"]}


async def test_each_reason_brings_a_case_onto_the_list(db, street):
    case = await street.handling(db)
    cause = {
        "hard_to_close": "extensions = 2",
        "recurring": "recurrence_of = case_id",
        "twice_reworked": "rework = 2",
    }
    for reason, change in cause.items():
        await db.execute(f"UPDATE cases SET {change} WHERE case_id = %s", (case.case_id,))
        await carry_out(db, NOW, commands.generate_weekly_list, date(2025, 8, 4))
        shown = await weekly_list(db, date(2025, 8, 4), CHIEF)
        assert reason in shown.items[0].reasons
    late = datetime(2025, 8, 12, 1, tzinfo=UTC)
    await carry_out(db, late, flag_overdue)
    await carry_out(db, late, commands.generate_weekly_list, MONDAY)
    assert "overdue" in (await weekly_list(db, MONDAY, CHIEF)).items[0].reasons
    street.now = late
    await street.move(db, case, Event.APPEAL, SUPERVISOR, reason="flood")
    await carry_out(db, late, commands.generate_weekly_list, MONDAY)
    assert "overdue" not in (await weekly_list(db, MONDAY, CHIEF)).items[0].reasons


async def test_rulings_and_minutes_are_recorded_and_then_the_list_stays(db, street):
    case = await street.handling(db)
    await db.execute("UPDATE cases SET rework = 2")
    await carry_out(db, MORNING, commands.generate_weekly_list, MONDAY)
    ruling = (MONDAY, case.case_id, "由住建局牵头，周五前完成")
    await carry_out(db, MORNING, commands.record_ruling, *ruling)
    await db.execute("UPDATE cases SET rework = 0")
    await carry_out(db, MORNING, commands.generate_weekly_list, MONDAY)
    assert len((await weekly_list(db, MONDAY, CHIEF)).items) == 1
    await carry_out(db, MORNING, commands.record_minutes, MONDAY, "会议研究了 1 件")
    with pytest.raises(Conflict, match="has minutes"):
        await carry_out(db, MORNING, commands.generate_weekly_list, MONDAY)
    page = weekly_html(await weekly_list(db, MONDAY, CHIEF), DocumentLanguage.ZH)
    for said in (case.case_no, "两次以上返工", ruling[2], "会议研究了 1 件"):
        assert said in page
    of_case = await entries_of(db, Subject.CASE, str(case.case_id))
    assert of_case[-1].kind == "weekly_ruling"
    assert (await weekly_list(db, MONDAY, STRANGER)).items == []


async def test_a_week_is_its_monday_and_has_begun(db, street):
    for week in (date(2025, 8, 12), date(2025, 8, 18)):
        with pytest.raises(InvalidInput, match="Monday"):
            await carry_out(db, MORNING, commands.generate_weekly_list, week)
    with pytest.raises(NotFound):
        await carry_out(db, MORNING, commands.record_minutes, MONDAY, "x")
    await carry_out(db, MORNING, commands.generate_weekly_list, MONDAY)
    case = await street.handling(db)
    with pytest.raises(NotFound, match="not on the list"):
        await carry_out(db, MORNING, commands.record_ruling, MONDAY, case.case_id, "x")
