"""The matter list: what is on it, when it is reviewed, and how plans are followed."""

from datetime import date, timedelta

import pytest

from hub.accounts.account import Role
from hub.errors import Conflict, InvalidInput, NotFound
from hub.journal import Subject, chain_breaks, entries_of
from hub.supervision.matters import commands
from hub.supervision.matters.commands import PlanMember
from hub.supervision.matters.matter import Tier
from hub.supervision.matters.views import (
    MatterFilter,
    list_matters,
    matter_candidates,
    matter_detail,
)
from tests.integration.hub.cases.conftest import NOW
from tests.integration.hub.supervision.conftest import HANDLER, STRANGER, SUPERVISOR, account_of
from tests.use_cases import carry_out


async def listed(db, street, tier=Tier.MID, leader="分管领导"):
    case = await street.handling(db)
    return await carry_out(db, NOW, commands.list_matter, case.case_id, tier, leader)


async def test_a_matter_is_reviewed_on_the_rhythm_of_its_tier(db, street):
    matter_id = await listed(db, street)
    shown = await matter_detail(db, matter_id, SUPERVISOR, NOW)
    assert (shown.review_days, shown.review_due_on, shown.review_due) == (
        14,
        date(2025, 8, 21),
        False,
    )
    due = NOW + timedelta(days=14)
    wanted = MatterFilter(due=True)
    assert len((await list_matters(db, wanted, SUPERVISOR, due)).items) == 1
    await carry_out(db, due, commands.review_matter, matter_id, "双方已见面")
    assert (await list_matters(db, wanted, SUPERVISOR, due)).items == []
    shown = await matter_detail(db, matter_id, SUPERVISOR, due)
    assert (shown.reviewed_at, shown.review_due_on) == (due, date(2025, 9, 4))


async def test_a_change_of_tier_needs_a_reason_and_changes_the_rhythm(db, street):
    matter_id = await listed(db, street, Tier.LOW)
    with pytest.raises(InvalidInput, match="why"):
        await carry_out(db, NOW, commands.change_tier, matter_id, Tier.HIGH, " ")
    await carry_out(db, NOW, commands.change_tier, matter_id, Tier.HIGH, "人数增加", "区长")
    shown = await matter_detail(db, matter_id, SUPERVISOR, NOW)
    assert (shown.tier, shown.leader, shown.review_days) == (Tier.HIGH, "区长", 7)
    assert shown.timeline[-1].reason == "人数增加"
    assert shown.timeline[-1].data["before"] == "low"
    with pytest.raises(Conflict, match="nothing changes"):
        await carry_out(db, NOW, commands.change_tier, matter_id, Tier.HIGH, "again")


async def test_a_plan_has_a_goal_members_dated_steps_and_notes(db, street):
    matter_id = await listed(db, street)
    team = [PlanMember("司法所", "调解"), PlanMember("人社局", "核实工资")]
    await carry_out(db, NOW, commands.set_plan, matter_id, "分两期付清 3.3 万元", team)
    for text, day in (("付第一期", date(2025, 8, 8)), ("付第二期", date(2025, 9, 8))):
        await carry_out(db, NOW, commands.add_plan_step, matter_id, text, day)
    await carry_out(db, NOW, commands.note_progress, matter_id, "企业同意")
    later = NOW + timedelta(days=3)
    shown = await matter_detail(db, matter_id, SUPERVISOR, later)
    assert (shown.steps, shown.steps_done, shown.steps_late) == (2, 0, 1)
    first = shown.plan[0]
    await carry_out(
        db, later, commands.finish_plan_step, matter_id, first.step_id, "已付 1.65 万元"
    )
    with pytest.raises(Conflict, match="done already"):
        await carry_out(db, later, commands.finish_plan_step, matter_id, first.step_id, "x")
    with pytest.raises(NotFound):
        await carry_out(db, later, commands.finish_plan_step, matter_id, 4711, "x")
    shown = await matter_detail(db, matter_id, SUPERVISOR, later)
    assert (shown.steps_done, shown.steps_late, shown.next_step_on) == (1, 0, date(2025, 9, 8))
    assert {each.name for each in shown.members} == {"司法所", "人社局"}
    with pytest.raises(InvalidInput, match="twice"):
        async with db.transaction():
            await carry_out(db, later, commands.set_plan, matter_id, "g", [team[0], team[0]])


async def test_a_matter_that_is_struck_off_stays_in_the_records_and_changes_no_more(db, street):
    matter_id = await listed(db, street)
    case_id = (await matter_detail(db, matter_id, SUPERVISOR, NOW)).case_id
    with pytest.raises(Conflict, match="on the list already"):
        await carry_out(db, NOW, commands.list_matter, case_id, Tier.LOW, "x")
    await carry_out(db, NOW, commands.strike_matter, matter_id, "已化解")
    with pytest.raises(Conflict, match="struck off: 已化解"):
        await carry_out(db, NOW, commands.review_matter, matter_id, "x")
    assert (await list_matters(db, MatterFilter(struck=False), SUPERVISOR, NOW)).items == []
    assert len((await list_matters(db, MatterFilter(struck=True), SUPERVISOR, NOW)).items) == 1
    assert await carry_out(db, NOW, commands.list_matter, case_id, Tier.LOW, "x") != matter_id
    entries = await entries_of(db, Subject.MATTER, str(matter_id))
    assert [each.kind for each in entries] == ["matter_listed", "matter_struck"]
    assert not chain_breaks(entries)


async def test_only_those_who_see_the_case_see_the_matter(db, street):
    matter_id = await listed(db, street)
    assert (await matter_detail(db, matter_id, HANDLER, NOW)).matter_id == matter_id
    for account in (STRANGER, account_of(Role.UNIT_HANDLER, "sanitation", "other")):
        with pytest.raises(NotFound):
            await matter_detail(db, matter_id, account, NOW)


async def test_candidates_are_open_disputes_and_hazards_that_are_not_listed(db, street):
    case = await street.handling(db)
    assert await matter_candidates(db, SUPERVISOR, 10) == []
    await db.execute(
        "UPDATE catalogue_item SET body = jsonb_set(body, '{kind}', '\"hazard\"')"
        " WHERE item_key = 'manhole_cover'"
    )
    assert [each.case_id for each in await matter_candidates(db, SUPERVISOR, 10)] == [case.case_id]
    await carry_out(db, NOW, commands.list_matter, case.case_id, Tier.LOW, "x")
    assert await matter_candidates(db, SUPERVISOR, 10) == []
