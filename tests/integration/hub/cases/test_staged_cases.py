"""A case with a staged limit against a real database: a burst pipe is fenced off, repaired, and paved."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.accounts.account import Account, Role
from hub.approvals import commands as approvals
from hub.casefile.page import case_detail
from hub.cases.actor import Actor
from hub.cases.case import Event, State
from hub.cases.commands import edit_days, flag_overdue
from hub.cases.requests import ApprovalKind
from hub.cases.store import case_by_id
from hub.cases.verification import check_cases
from hub.deadlines.store import DayEdit
from hub.errors import GuardRefused
from hub.signals.reading import evidence_of
from tests.integration.hub.cases.catalogues import add_burst_pipe
from tests.integration.hub.cases.conftest import DISPATCHER, HANDLER, SUPERVISOR, SYSTEM
from tests.use_cases import carry_out

READER = Account(
    username="dispatcher",
    name="D",
    role=Role.DISPATCHER,
    unit_key=None,
    unit_name_zh=None,
    unit_name_en=None,
)
PIPE = {"item_key": "water_pipe", "cond_key": "burst", "evidence": ()}


@pytest.fixture(autouse=True)
async def burst_pipe(db, street) -> None:
    await add_burst_pipe(db, street.now)


async def step_done(db, street, case, name: str):
    street.forward(minutes=30)
    photo = await street.photo(db, name)
    return await street.move(db, case, Event.STEP_DONE, HANDLER, text=name, evidence=(photo,))


async def steps(db, case):
    return (await case_detail(db, READER, await case_by_id(db, case.case_id))).steps


async def test_each_step_runs_with_its_own_clock_and_is_fed_back_with_its_own_photo(
    db, street
) -> None:
    case = await street.handling(db, **PIPE)
    assert (case.step, case.due_at) == (0, street.now + timedelta(hours=3))
    assert [each.state for each in await steps(db, case)] == ["running", "to_come", "to_come"]

    fenced = await step_done(db, street, case, "fenced off")
    assert (fenced.state, fenced.step) == (State.HANDLING, 1)
    assert fenced.due_at == street.now + timedelta(hours=8)
    repaired = await step_done(db, street, fenced, "repaired")
    assert repaired.due_at == datetime(2025, 8, 14, 8, 19, tzinfo=UTC)
    shown = await steps(db, repaired)
    assert [each.state for each in shown] == ["done", "done", "running"]
    assert (shown[0].text, shown[0].close_condition) == ("fenced off", "行人车辆无法进入")
    assert shown[0].done_at == shown[1].began_at == fenced.step_at
    assert len(shown[1].evidence) == 1
    assert shown[2].due_at == repaired.due_at

    street.forward(minutes=30)
    photo = await street.photo(db, "paved")
    done = await street.move(db, repaired, Event.FEEDBACK, HANDLER, text="x", evidence=(photo,))
    assert done.state is State.FEEDBACK
    assert [each.state for each in await steps(db, case)] == ["done", "done", "done"]
    assert [each.kind for each in await evidence_of(db, case.case_id)] == [
        "step",
        "step",
        "repair",
    ]
    assert [each async for each in check_cases(db)] == []


async def test_a_step_needs_a_photo_of_its_own_taken_since_it_began(db, street) -> None:
    case = await street.handling(db, **PIPE)
    street.forward(minutes=30)
    early = await street.photo(db, "early")
    fenced = await step_done(db, street, case, "fenced off")
    street.forward(minutes=5)
    again = await street.photo(db, "repaired")
    repaired = await street.move(
        db, fenced, Event.STEP_DONE, HANDLER, text="repaired", evidence=(again,)
    )
    assert repaired.step == 2

    for photo in (early, again):
        with pytest.raises(GuardRefused, match="after_routing"):
            await street.move(
                db, repaired, Event.FEEDBACK, HANDLER, text="paved", evidence=(photo,)
            )


async def test_the_site_begins_a_later_step_and_what_is_skipped_is_shown(db, street) -> None:
    case = await street.routed(db, **PIPE)
    street.forward(minutes=10)
    photo = await street.photo(db, "fenced off already")
    begin = {"step_key": "repair", "reason": "the neighbours fenced it off", "evidence": (photo,)}
    for wrong, guard in (
        ({"step_key": "fence"}, "step_lies_ahead"),
        ({"step_key": "nothing"}, "step_lies_ahead"),
        ({"reason": " "}, "reason_given"),
        ({"evidence": ()}, "photos_have_arrived"),
    ):
        with pytest.raises(GuardRefused) as caught:
            await street.move(db, case, Event.BEGIN_STEP, DISPATCHER, **(begin | wrong))
        assert caught.value.facts["guard"] == guard

    begun = await street.move(db, case, Event.BEGIN_STEP, DISPATCHER, **begin)
    assert (begun.state, begun.step, begun.step_at) == (State.ROUTED, 1, street.now)
    assert begun.due_at == street.now + timedelta(hours=8)
    shown = await steps(db, begun)
    assert [each.state for each in shown] == ["skipped", "running", "to_come"]
    assert (shown[0].text, shown[0].evidence) == ("the neighbours fenced it off", [photo])
    assert shown[1].began_at == street.now

    await street.move(db, begun, Event.SIGN, HANDLER, person="Li", plan="weld it")
    paving = await street.move(
        db, begun, Event.BEGIN_STEP, HANDLER, step_key="pave", reason="dry", evidence=(photo,)
    )
    assert [each.state for each in await steps(db, paving)] == ["skipped", "skipped", "running"]
    assert [each async for each in check_cases(db)] == []


async def test_the_repair_is_fed_back_with_the_last_step(db, street) -> None:
    case = await street.handling(db, **PIPE)
    street.forward(minutes=30)
    photo = await street.photo(db, "fence")
    with pytest.raises(GuardRefused) as caught:
        await street.move(db, case, Event.FEEDBACK, HANDLER, text="x", evidence=(photo,))
    assert caught.value.facts["guard"] == "last_step"


async def test_extension_and_lateness_are_those_of_the_running_step(db, street) -> None:
    case = await street.handling(db, **PIPE)
    asked = await carry_out(
        db, street.now, approvals.ask, case.case_id, ApprovalKind.EXTENSION, HANDLER, reason="x"
    )
    extended = await carry_out(
        db, street.now, approvals.grant, asked.requests[0].approval_id, SUPERVISOR
    )
    assert extended.due_at == case.due_at + timedelta(hours=3)
    street.forward(hours=7)
    assert await carry_out(db, street.now, flag_overdue) == 1
    late = await case_by_id(db, case.case_id)
    fenced = await step_done(db, street, late, "fenced off")
    assert (late.overdue_at is not None, fenced.overdue_at) == (True, None)
    assert fenced.due_at == street.now + timedelta(hours=8)


async def test_rework_and_the_calendar_act_on_the_running_step(db, street) -> None:
    case = await street.handling(db, **PIPE)
    case = await step_done(db, street, case, "fenced off")
    case = await step_done(db, street, case, "repaired")
    admin = Actor("user:admin", Role.ADMIN)
    before = case.due_at
    off = [DayEdit(date(2025, 8, 8), False, "flood")]
    assert len(await carry_out(db, street.now, edit_days, off, admin)) == 1
    assert (await case_by_id(db, case.case_id)).due_at == before + timedelta(days=1)
    street.forward(minutes=30)
    photo = await street.photo(db, "paved")
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="x", evidence=(photo,))
    await street.move(db, case, Event.CHECK, SYSTEM)
    again = await street.move(db, case, Event.FAIL, DISPATCHER, reason="it sinks")
    assert (again.state, again.step, again.rework) == (State.HANDLING, 2, 1)
    assert [each.state for each in await steps(db, case)] == ["done", "done", "running"]


async def test_a_returned_case_starts_its_steps_anew_for_another_unit(db, street) -> None:
    case = await street.routed(db, **PIPE)
    street.forward(hours=1)
    returned = await street.move(db, case, Event.RETURN, HANDLER, reason="not ours")
    other = await street.move(db, returned, Event.ROUTE, DISPATCHER, unit_key="power_supply")
    assert (other.step, other.step_at) == (0, street.now)
    assert other.due_at == street.now + timedelta(hours=3)
