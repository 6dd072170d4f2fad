"""To a person in danger the nearest two others are sent, and that person is told who comes."""

import asyncio

import pytest

from hub.commands.answers import NewAck
from hub.commands.command import CommandState
from hub.commands.reading import CommandView, list_commands
from hub.dispatch import commands as dispatch
from hub.dispatch.commands import NewCommand
from hub.errors import GuardRefused
from tests.integration.hub.dispatch.conftest import District
from tests.use_cases import carry_out
from wire.messages import Ack, AckState, CommandType


async def call(district: District, *, source: str = "reported", age_s: float | None = 0) -> int:
    """The case of an alarm of T-0."""
    await district.terminal("T-0", metres=0)
    case_id = await district.case()
    await district.db.execute(
        "INSERT INTO alarm (case_id, type, device_id, raised_at, place_source, place_age_s)"
        " VALUES (%s, 'sos', 'T-0', %s, %s, %s)",
        (case_id, district.now, source, age_s),
    )
    return case_id


async def helpers(district: District, case_id: int) -> list[CommandView]:
    found = await list_commands(district.db, case_id=case_id)
    return [each for each in found if each.type is CommandType.GUARD]


async def active(district: District, case_id: int) -> set[str]:
    ended = {"expired", "no_answer", "rejected", "cancelled", "superseded", "succeeded"}
    return {e.device_id for e in await helpers(district, case_id) if e.state not in ended}


async def news(district: District, case_id: int) -> list[str]:
    """What the caller has been told, in order."""
    cursor = await district.db.execute(
        "SELECT body ->> 'text' FROM command WHERE case_id = %s AND type = 'message'"
        " AND device_id = 'T-0' ORDER BY issued_at, command_id",
        (case_id,),
    )
    return [row[0] for row in await cursor.fetchall()]


async def order_of(district: District, case_id: int, device_id: str) -> CommandView:
    (order,) = [e for e in await helpers(district, case_id) if e.device_id == device_id]
    return order


async def give(district: District, device_id: str, type_: CommandType, case_id: int) -> None:
    await district.issue(NewCommand(device_id=device_id, type=type_, case_id=case_id))


async def three(district: District) -> None:
    await district.terminal("T-1", metres=300)
    await district.terminal("T-2", metres=200)
    await district.terminal("T-3", metres=900)


async def test_the_nearest_two_others_are_sent_and_never_the_caller(district) -> None:
    await three(district)
    case_id = await call(district)

    await district.guard(case_id)
    await district.guard(case_id)

    assert await active(district, case_id) == {"T-1", "T-2"}
    sent = {each.device_id: each for each in await helpers(district, case_id)}
    assert {each.issued_by for each in sent.values()} == {"system:rescue"}
    assert {each.priority for each in sent.values()} == {9}


async def test_the_nearest_go_whatever_their_territory_and_their_tasks(district) -> None:
    await district.terminal("T-1", metres=50, unit="village_002")
    await district.terminal("T-2", metres=100)
    await district.terminal("T-3", metres=400)
    await give(district, "T-2", CommandType.DISPATCH, await district.case())
    case_id = await call(district)

    await district.guard(case_id)

    assert await active(district, case_id) == {"T-1", "T-2"}


async def test_helpers_get_words_of_their_own(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)

    cursor = await district.db.execute(
        "SELECT body ->> 'text' FROM command WHERE case_id = %s AND type = 'guard'", (case_id,)
    )
    for (text,) in await cursor.fetchall():
        assert text.startswith("有人需要帮助：网格员 0012（T-0）发出求助警报")
        assert "A person needs help: " in text
        assert "cone it off and warn" not in text
        assert "设置警示标志，提醒" not in text


async def test_an_unknown_place_is_said_to_the_helpers(district) -> None:
    await three(district)
    case_id = await call(district, source="territory", age_s=None)
    await district.guard(case_id)

    cursor = await district.db.execute(
        "SELECT body ->> 'text' FROM command WHERE case_id = %s AND type = 'guard' LIMIT 1",
        (case_id,),
    )
    assert "位置不明" in (await cursor.fetchone())[0]
    assert "约" not in (await news(district, case_id))[-1], "no distance from nowhere"


async def test_the_caller_is_told_who_comes_each_time_that_it_changes(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)
    (asked,) = await news(district, case_id)
    assert "已通知网格员 0012（T-2）" in asked
    assert "T-3" not in asked

    district.forward(seconds=5)
    first = await order_of(district, case_id, "T-2")
    await district.ack(first, AckState.DELIVERED, 1)
    await district.ack(first, AckState.ACCEPTED, 2)
    accepted = (await news(district, case_id))[-1]
    assert "（T-2）正在赶来（约 200 米，步行约 3 分钟）" in accepted

    district.forward(seconds=5)
    second = await order_of(district, case_id, "T-1")
    await district.ack(second, AckState.REJECTED, 1, reason="busy")
    replaced = (await news(district, case_id))[-1]
    assert "已通知网格员 0012（T-3）" in replaced
    assert "T-1" not in replaced
    assert len(await news(district, case_id)) == 3


async def test_who_does_not_answer_is_replaced_by_the_next_best(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)

    district.forward(seconds=20)
    await district.heard("T-0", "T-1", "T-2", "T-3")
    await carry_out(district.db, district.now, dispatch.run_timers)

    assert await active(district, case_id) == {"T-3"}, "two expired, one is left to send"
    await district.terminal("T-4", metres=1200)
    district.forward(seconds=31)
    await district.heard("T-0", "T-3", "T-4")
    await district.ack(await order_of(district, case_id, "T-3"), AckState.DELIVERED, 1)
    await carry_out(district.db, district.now, dispatch.run_timers)
    assert "T-4" in await active(district, case_id)


async def test_a_caller_alone_is_told_that_somebody_is_looked_for(district) -> None:
    case_id = await call(district)
    assert await district.guard(case_id) is None
    (told,) = await news(district, case_id)
    assert "正在寻找能赶来的人" in told

    await district.terminal("T-1", metres=500)
    district.forward(seconds=31)
    await district.heard("T-0", "T-1")
    await carry_out(district.db, district.now, dispatch.run_timers)
    assert await active(district, case_id) == {"T-1"}
    assert "T-1" in (await news(district, case_id))[-1]


async def test_news_that_did_not_reach_the_caller_is_replaced_by_the_newer(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.silent("T-0")
    await district.guard(case_id)
    district.forward(seconds=5)
    order = await order_of(district, case_id, "T-2")
    await district.ack(order, AckState.ACCEPTED, 1)

    found = await list_commands(district.db, case_id=case_id)
    states = [each.state for each in found if each.type is CommandType.MESSAGE]
    assert states == [CommandState.CREATED, CommandState.SUPERSEDED]


async def test_nobody_can_send_the_caller_to_the_own_alarm(district) -> None:
    await three(district)
    case_id = await call(district)
    with pytest.raises(GuardRefused, match="raised this alarm"):
        await give(district, "T-0", CommandType.GUARD, case_id)

    made = await carry_out(district.db, district.now, _recommend, case_id)
    assert "T-0" not in {item.device_id for item in made.ranking.items}
    assert {each.reason for each in made.ranking.excluded if each.device_id == "T-0"} == {"caller"}


async def _recommend(work, case_id):
    return await dispatch.recommend(work.db, case_id, CommandType.GUARD, "user:a", work.now)


async def test_whom_an_operator_calls_off_is_not_replaced_and_the_caller_hears_of_it(
    district,
) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)
    district.forward(seconds=5)

    await district.cancel((await order_of(district, case_id, "T-1")).command_id, "不需要")
    await district.guard(case_id)

    assert await active(district, case_id) == {"T-2"}
    assert "T-1" not in (await news(district, case_id))[-1]


async def test_a_fall_of_lesser_severity_sends_nobody(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.db.execute("UPDATE alarm SET type = 'fall'")
    await district.db.execute("UPDATE cases SET severity = 'mid'")
    assert await district.guard(case_id) is None
    assert await helpers(district, case_id) == []


async def test_an_order_by_hand_is_told_to_the_caller(district) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)
    district.forward(seconds=5)
    await give(district, "T-3", CommandType.DISPATCH, case_id)
    assert "T-3" in (await news(district, case_id))[-1]


async def test_of_two_who_accept_at_once_the_caller_hears_once_of_each(district, pool) -> None:
    await three(district)
    case_id = await call(district)
    await district.guard(case_id)
    orders = await helpers(district, case_id)
    await district.db.commit()
    district.forward(seconds=2)

    async def accept(order: CommandView, state: AckState, rev: int) -> None:
        answer = {"command_id": str(order.command_id), "state": state, "rev": rev}
        new = NewAck(
            order.device_id, Ack.model_validate(answer | {"at": district.now}), district.now
        )
        async with pool.connection() as db:
            await carry_out(db, district.now, dispatch.take_acks, [new])

    await asyncio.gather(*(accept(order, AckState.ACCEPTED, 1) for order in orders))
    await asyncio.gather(*(accept(order, AckState.IN_PROGRESS, 2) for order in orders))

    told = [text.split("\n")[0].count("正在赶来") for text in await news(district, case_id)]
    assert sorted(told) == [0, 1, 2]
