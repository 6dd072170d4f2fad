import asyncio
from datetime import timedelta

import pytest

from hub.commands.command import CommandState
from hub.commands.reading import command_by_id, list_commands
from hub.dispatch import commands as dispatch
from hub.dispatch.commands import NewCommand
from hub.dispatch.store import recommendation_by_id
from hub.journal import Subject
from tests.integration.hub.dispatch.conftest import OPERATOR
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType
from wire.messages.commands import TextBody


async def guards(district, case_id):
    found = await list_commands(district.db, case_id=case_id)
    return [each for each in reversed(found) if each.type is CommandType.GUARD]


async def kinds(district, case_id):
    return [entry.kind for entry in await district.story(Subject.CASE, case_id)]


async def run(district, **by):
    """Time passes for the hub; the terminals go on reporting."""
    district.forward(**by)
    await district.heard("T-1", "T-2", "T-3")
    return await carry_out(district.db, district.now, dispatch.run_timers)


async def test_a_high_case_is_guarded_by_the_best_without_a_hand_and_only_once(district) -> None:
    await district.terminal("T-1", metres=300)
    await district.terminal("T-2", metres=100)
    case_id = await district.case()
    issued = await district.guard(case_id)
    assert issued is not None
    assert (issued.device_id, issued.issued_by, issued.chosen_rank) == ("T-2", "system:policy", 1)
    assert await district.guard(case_id) is None
    made = await recommendation_by_id(district.db, issued.recommendation_id)
    assert [item.device_id for item in made.ranking.items] == ["T-2", "T-1"]


async def test_a_guard_that_has_ended_is_not_sent_again_by_policy(district) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    issued = await district.guard(case_id)
    await district.cancel(issued.command_id, "不需要")
    assert await district.guard(case_id) is None


@pytest.mark.parametrize("severity", ["low", "mid"])
async def test_other_cases_are_not_guarded_by_policy(district, severity) -> None:
    await district.terminal("T-1")
    case_id = await district.case(severity=severity)
    assert await district.guard(case_id) is None
    assert await guards(district, case_id) == []


async def test_two_workers_at_once_send_one_guard(district, pool) -> None:
    await district.terminal("T-1")
    await district.terminal("T-2")
    case_id = await district.case()
    await district.db.commit()

    async def worker() -> bool:
        async with pool.connection() as db:
            return await carry_out(db, district.now, dispatch.guard_by_policy, case_id) is not None

    assert sorted(await asyncio.gather(*(worker() for _ in range(5)))) == [False] * 4 + [True]
    assert len(await guards(district, case_id)) == 1


async def test_where_nobody_can_guard_the_case_says_why_and_it_is_tried_until_somebody_can(
    district,
) -> None:
    await district.terminal("T-1")
    await district.silent("T-1")
    case_id = await district.case()
    assert await district.guard(case_id) is None
    (entry,) = await district.story(Subject.CASE, case_id)
    assert entry.kind == "guard_unavailable"
    assert entry.data == {"considered": 1, "excluded": {"not_online": 1}}
    for _ in range(3):
        await carry_out(district.db, district.forward(seconds=31), dispatch.run_timers)
    assert await kinds(district, case_id) == ["guard_unavailable"]
    await run(district, seconds=31)
    (guard,) = await guards(district, case_id)
    assert guard.device_id == "T-1"
    await run(district, seconds=31)
    assert len(await guards(district, case_id)) <= 1


async def test_a_high_case_that_policy_was_never_asked_about_is_found_by_the_sweep(
    district,
) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    await run(district, seconds=1)
    assert [guard.issued_by for guard in await guards(district, case_id)] == ["system:policy"]


async def test_a_case_that_ended_meanwhile_needs_no_guard(district) -> None:
    case_id = await district.case()
    await district.guard(case_id)
    await district.end_case(case_id)
    await district.terminal("T-1")
    await run(district, seconds=31)
    assert await guards(district, case_id) == []


async def test_where_one_does_not_answer_the_next_best_is_asked_and_linked(district) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=200)
    case_id = await district.case()
    first = await district.guard(case_id)
    await district.broker_takes()
    await district.ack(first, AckState.DELIVERED, 1)
    await run(district, seconds=119)
    assert len(await guards(district, case_id)) == 1
    await run(district, seconds=2)
    no_answer, second = await guards(district, case_id)
    assert no_answer.state is CommandState.NO_ANSWER
    assert (second.device_id, second.supersedes) == ("T-2", first.command_id)
    orders = await district.broker_takes()
    assert [(each.type, each.command_id) for each in orders][1] == ("guard", str(second.command_id))
    assert orders[0].type == "message"
    late = await district.ack(first, AckState.ACCEPTED, 2)
    assert late.state is CommandState.NO_ANSWER


@pytest.mark.parametrize("how", ["expired", "rejected"])
async def test_who_is_not_reached_or_declines_is_replaced_too(district, how) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=200)
    case_id = await district.case(severity="mid")
    first = await district.issue(NewCommand("T-1", CommandType.DISPATCH, case_id=case_id))
    await district.broker_takes()
    district.forward(seconds=5)
    if how == "rejected":
        await district.ack(first, AckState.REJECTED, 2, reason="走不开")
    else:
        await run(district, seconds=16)
    second, before = await list_commands(district.db, case_id=case_id)
    assert (before.state, second.device_id) == (how, "T-2")
    assert (second.supersedes, second.issued_by) == (first.command_id, "system:dispatch")


async def test_when_everybody_was_asked_the_case_says_so_and_after_a_while_all_are_asked_again(
    district,
) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    await district.guard(case_id)
    await run(district, seconds=16)
    assert (await kinds(district, case_id))[-2:] == ["command_expired", "guard_unavailable"]
    for _ in range(6):
        await run(district, seconds=31)
    again = (await guards(district, case_id))[1]
    assert again.device_id == "T-1"
    assert again.supersedes is not None


async def test_the_guard_is_relieved_when_the_dispatch_is_done_and_is_told(district) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=200)
    case_id = await district.case()
    guard = await district.guard(case_id)
    await district.ack(guard, AckState.IN_PROGRESS, 3)
    task = await district.issue(NewCommand("T-2", CommandType.DISPATCH, case_id=case_id))
    await district.broker_takes()
    await district.ack(task, AckState.SUCCEEDED, 4)
    relieved = await command_by_id(district.db, guard.command_id)
    assert relieved.state is CommandState.SUCCEEDED
    assert relieved.reason == "relieved_task_done"
    (message,) = await district.broker_takes()
    assert message.type == "message"
    assert "看守任务已结束" in message.body.text


async def test_a_guard_who_has_not_answered_yet_need_not_go_when_the_dispatch_is_done(
    district,
) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=200)
    case_id = await district.case()
    guard = await district.guard(case_id)
    task = await district.issue(NewCommand("T-2", CommandType.DISPATCH, case_id=case_id))
    await district.ack(task, AckState.SUCCEEDED, 4)
    assert (await command_by_id(district.db, guard.command_id)).state is CommandState.CANCELLED


async def test_the_end_of_a_case_relieves_its_guard(district) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    guard = await district.guard(case_id)
    await district.ack(guard, AckState.ACCEPTED, 2)
    await run(district, hours=5)
    assert (await command_by_id(district.db, guard.command_id)).state is CommandState.ACCEPTED
    await district.end_case(case_id)
    await run(district, seconds=1)
    assert (await command_by_id(district.db, guard.command_id)).state is CommandState.SUCCEEDED


async def test_a_task_that_is_not_finished_in_time_runs_out_and_is_nobody_elses(district) -> None:
    await district.terminal("T-1")
    await district.terminal("T-2")
    case_id = await district.case(due_in=timedelta(hours=2))
    task = await district.issue(NewCommand("T-1", CommandType.DISPATCH, case_id=case_id))
    await district.ack(task, AckState.IN_PROGRESS, 3)
    await run(district, hours=2, seconds=1)
    found = await list_commands(district.db, case_id=case_id)
    assert [each.state for each in found if each.type is CommandType.DISPATCH] == ["timed_out"]


async def test_whoever_has_a_higher_task_is_not_sent(district) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=400)
    high, low = await district.case(), await district.case(severity="low")
    await district.guard(high)
    made = await dispatch.recommend(district.db, low, CommandType.DISPATCH, OPERATOR, district.now)
    assert [item.device_id for item in made.ranking.items] == ["T-2"]
    assert [(e.device_id, e.reason) for e in made.ranking.excluded] == [("T-1", "higher_task")]


async def test_an_order_survives_the_hub_and_a_dead_broker(district, pool) -> None:
    """Written with its command, it waits in the outbox until a broker is there, or its time is up."""
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    await district.db.commit()
    async with pool.connection() as after_restart:
        district.db = after_restart
        district.forward(minutes=20)
        (order,) = await district.broker_takes()
    assert order.command_id == str(issued.command_id)


async def test_an_issue_that_fails_leaves_neither_command_nor_order(district, pool) -> None:
    await district.terminal("T-1")
    await district.db.commit()

    async def fails() -> None:
        async with pool.connection() as db:
            await carry_out(
                db, district.now, dispatch.issue, NewCommand("T-1", CommandType.LOCATE), by=OPERATOR
            )
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await fails()
    assert await list_commands(district.db) == []
    assert await district.broker_takes() == []
