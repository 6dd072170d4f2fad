from datetime import timedelta

import pytest

from hub.commands.command import CommandState
from hub.commands.reading import command_by_id, list_commands
from hub.dispatch import commands as dispatch
from hub.dispatch.commands import NewCommand
from hub.dispatch.store import recommendation_by_id
from hub.errors import Conflict, Forbidden, GuardRefused, IllegalTransition, InvalidInput, NotFound
from hub.journal import Subject, chain_breaks
from hub.signals.reading import evidence_of
from tests.integration.hub.dispatch.conftest import OPERATOR
from tests.use_cases import carry_out
from wire.messages import Ack, AckState, CommandType
from wire.messages.commands import PtzBody, TextBody


async def test_an_order_reaches_the_outbox_with_its_task_and_its_end(district) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    issued = await district.issue(NewCommand("T-1", CommandType.DISPATCH, case_id=case_id))
    (order,) = await district.broker_takes()
    assert order.command_id == str(issued.command_id)
    assert order.expires_at == issued.expires_at == district.now + timedelta(seconds=15)
    assert order.case_id == case_id
    assert "井盖 / Manhole cover" in order.body.title
    assert "broken" in order.body.text
    assert order.priority == 7
    row = await (
        await district.db.execute("SELECT topic, correlation, expires_at FROM outbox")
    ).fetchone()
    assert row == (
        f"patrol/v1/530303/terminals/T-1/commands/{issued.command_id}",
        str(issued.command_id),
        issued.expires_at,
    )


async def test_a_command_tells_its_story_in_its_own_journal_and_its_cases(district) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    issued = await district.issue(NewCommand("T-1", CommandType.DISPATCH, case_id=case_id))
    await district.broker_takes()
    await district.ack(issued, AckState.DELIVERED, 1)
    await district.ack(issued, AckState.ACCEPTED, 2)
    await district.ack(issued, AckState.IN_PROGRESS, 3)
    photo = "a" * 64
    done = await district.ack(
        issued, AckState.SUCCEEDED, 4, result={"evidence": [photo], "text": "已更换"}
    )
    assert done.state is CommandState.SUCCEEDED
    assert done.result == {"evidence": [photo], "text": "已更换"}
    (sent,) = await evidence_of(district.db, case_id)
    assert (sent.kind, sent.sha256, sent.device_id) == ("task", photo, "T-1")
    assert [line.state for line in done.history] == [
        "created",
        "queued",
        "sent",
        "delivered",
        "accepted",
        "in_progress",
        "succeeded",
    ]
    entries = await district.story(Subject.COMMAND, str(issued.command_id))
    assert [e.to_state for e in entries] == [line.state for line in done.history][1:]
    assert chain_breaks(entries) == []
    about_case = await district.story(Subject.CASE, case_id)
    assert [e.kind for e in about_case] == [
        "command_issued",
        "command_accepted",
        "command_succeeded",
    ]
    assert all(e.to_state is None for e in about_case)


async def test_taken_by_the_broker_is_not_delivered(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    await district.broker_takes()
    view = await command_by_id(district.db, issued.command_id)
    assert (view.state, view.delivered_at) == (CommandState.SENT, None)
    await carry_out(district.db, district.forward(seconds=11), dispatch.run_timers)
    view = await command_by_id(district.db, issued.command_id)
    assert (view.state, view.delivered_at) == (CommandState.EXPIRED, None)


async def test_an_answer_may_overtake_the_brokers_receipt_and_skip_states(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(
        NewCommand("T-1", CommandType.VERIFY, case_id=await district.case())
    )
    accepted = await district.ack(issued, AckState.ACCEPTED, 2)
    assert accepted.delivered_at == accepted.accepted_at == district.now
    await district.broker_takes()
    overtaken = await district.ack(issued, AckState.DELIVERED, 1)
    assert overtaken.state is CommandState.ACCEPTED
    assert [line.counted for line in overtaken.history] == [True, True, True, False]


async def test_a_repeated_answer_changes_nothing(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    once = await district.ack(issued, AckState.DELIVERED, 1)
    assert await district.ack(issued, AckState.DELIVERED, 1) == once


async def test_a_late_result_is_kept_once_and_revives_nothing(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    await district.broker_takes()
    await carry_out(district.db, district.forward(seconds=11), dispatch.run_timers)
    for _ in range(2):
        late = await district.ack(issued, AckState.SUCCEEDED, 2, result={"text": "到了"})
    assert late.state is CommandState.EXPIRED
    assert [(line.state, line.counted) for line in late.history][-2:] == [
        ("expired", True),
        ("succeeded", False),
    ]
    assert late.result is None


async def test_an_answer_that_lies_in_the_inbox_came_in_time(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    await district.db.execute(
        "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
        " VALUES ('terminals', 'T-1', 'acks', %s, '{}', %s)",
        (issued.command_id, district.now),
    )
    await carry_out(district.db, district.forward(seconds=60), dispatch.run_timers)
    assert (await command_by_id(district.db, issued.command_id)).state is CommandState.QUEUED


async def test_another_devices_answer_is_refused(district) -> None:
    await district.terminal("T-1")
    await district.terminal("T-2")
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    ack = Ack(command_id=str(issued.command_id), state=AckState.DELIVERED, rev=1, at=district.now)
    with pytest.raises(Forbidden):
        await district.answer("T-2", ack)


async def test_an_order_that_does_not_wait_is_refused_where_the_device_is_offline(district) -> None:
    await district.terminal("T-1")
    await district.silent("T-1", for_s=95)
    with pytest.raises(GuardRefused, match="T-1 is not online"):
        await district.issue(NewCommand("T-1", CommandType.LOCATE))
    assert await list_commands(district.db) == []


async def test_an_order_waits_for_an_offline_device_and_goes_out_at_its_birth(district) -> None:
    await district.terminal("T-1")
    await district.silent("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    assert issued.state is CommandState.CREATED
    assert await district.broker_takes() == []
    district.forward(hours=1)
    assert await carry_out(district.db, district.now, dispatch.announce, ["T-1"]) == 1
    (order,) = await district.broker_takes()
    assert order.command_id == str(issued.command_id)
    assert order.issued_at == issued.issued_at
    assert order.expires_at == issued.expires_at


async def test_an_order_that_waited_goes_out_at_the_first_uplink_even_without_a_birth(
    district,
) -> None:
    await district.terminal("T-1")
    await district.silent("T-1")
    await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    assert await carry_out(district.db, district.forward(seconds=1), dispatch.run_timers) == 0
    await district.heard("T-1")
    assert await carry_out(district.db, district.now, dispatch.run_timers) == 1
    assert len(await district.broker_takes()) == 1


async def test_an_order_the_broker_took_is_sent_again_to_a_device_that_restarted(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    await district.broker_takes()
    await carry_out(district.db, district.forward(seconds=30), dispatch.announce, ["T-1"])
    (again,) = await district.broker_takes()
    assert again.command_id == str(issued.command_id)
    await district.ack(issued, AckState.DELIVERED, 1)
    assert (
        await carry_out(district.db, district.forward(seconds=30), dispatch.announce, ["T-1"]) == 0
    )


async def test_nobody_receives_a_command_hours_later(district) -> None:
    await district.terminal("T-1")
    await district.silent("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.SNAPSHOT))
    await carry_out(district.db, district.forward(hours=3), dispatch.run_timers)
    assert (await command_by_id(district.db, issued.command_id)).state is CommandState.EXPIRED
    assert await carry_out(district.db, district.now, dispatch.announce, ["T-1"]) == 0
    assert await district.broker_takes() == []


async def test_a_cancelled_order_that_the_broker_has_not_taken_never_goes_out(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(
        NewCommand("T-1", CommandType.GUARD, case_id=await district.case())
    )
    cancelled = await district.cancel(issued.command_id, "误派")
    assert (cancelled.state, cancelled.reason) == (CommandState.CANCELLED, "误派")
    assert await district.broker_takes() == []
    with pytest.raises(IllegalTransition):
        await district.cancel(issued.command_id, "again")


async def test_whoever_has_a_cancelled_task_is_told_and_a_late_yes_does_not_revive_it(
    district,
) -> None:
    await district.terminal("T-1")
    issued = await district.issue(
        NewCommand("T-1", CommandType.GUARD, case_id=await district.case())
    )
    await district.broker_takes()
    await district.ack(issued, AckState.DELIVERED, 1)
    await district.cancel(issued.command_id, "误派")
    (message,) = await district.broker_takes()
    assert message.type is CommandType.MESSAGE
    assert "误派" in message.body.text
    late = await district.ack(issued, AckState.ACCEPTED, 2)
    assert late.state is CommandState.CANCELLED


async def test_the_same_task_is_not_given_twice_to_the_same_device(district) -> None:
    await district.terminal("T-1")
    new = NewCommand("T-1", CommandType.GUARD, case_id=await district.case())
    await district.issue(new)
    with pytest.raises(Conflict, match="T-1 already has a guard for this case"):
        await district.issue(new)
    assert len(await list_commands(district.db)) == 1


async def test_nobody_is_sent_to_a_case_that_has_ended(district) -> None:
    await district.terminal("T-1")
    case_id = await district.case()
    await district.end_case(case_id)
    with pytest.raises(GuardRefused, match="has ended"):
        await district.issue(NewCommand("T-1", CommandType.GUARD, case_id=case_id))


async def test_a_body_that_the_type_does_not_take_is_refused_with_the_field(district) -> None:
    await district.terminal("T-1")
    with pytest.raises(InvalidInput, match="message command cannot have this body"):
        await district.issue(NewCommand("T-1", CommandType.MESSAGE, PtzBody(pan_deg=0, tilt_deg=0)))


async def test_an_unknown_device_case_or_command_is_not_found(district) -> None:
    for new in (
        NewCommand("T-9", CommandType.LOCATE),
        NewCommand(await district.terminal("T-1"), CommandType.GUARD, case_id=77),
    ):
        with pytest.raises(NotFound):
            await district.issue(new)
    nobody = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFound):
        await district.cancel(nobody, "x")


async def test_a_message_is_done_when_it_was_read(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    await district.ack(issued, AckState.DELIVERED, 1)
    read = await district.ack(issued, AckState.ACCEPTED, 2)
    assert read.state is CommandState.SUCCEEDED
    assert read.accepted_at == read.finished_at == district.now


async def test_a_message_that_is_worked_on_was_read(district) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电")))
    assert (await district.ack(issued, AckState.IN_PROGRESS, 2)).state is CommandState.SUCCEEDED


SPOKEN = [
    (CommandType.TALK_START, None, 20),
    (CommandType.BROADCAST, TextBody(text="暴雨，请注意安全"), 600),
]


@pytest.mark.parametrize(("type_", "body", "finish_s"), SPOKEN)
async def test_a_call_that_fails_after_it_was_delivered_has_failed(
    district, type_, body, finish_s
) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", type_, body))
    delivered = await district.ack(issued, AckState.DELIVERED, 1)
    assert (delivered.state, delivered.finished_at) == (CommandState.DELIVERED, None)
    await carry_out(district.db, district.forward(seconds=finish_s - 1), dispatch.run_timers)
    failed = await district.ack(issued, AckState.FAILED, 2, reason="no channel")
    assert (failed.state, failed.reason) == (CommandState.FAILED, "no channel")
    assert all(line.counted for line in failed.history)


@pytest.mark.parametrize(("type_", "body", "finish_s"), SPOKEN)
async def test_a_call_succeeds_when_the_device_says_so_and_not_by_being_delivered(
    district, type_, body, finish_s
) -> None:
    await district.terminal("T-1")
    issued = await district.issue(NewCommand("T-1", type_, body))
    await district.ack(issued, AckState.DELIVERED, 1)
    succeeded = await district.ack(issued, AckState.SUCCEEDED, 2)
    assert succeeded.state is CommandState.SUCCEEDED
    silent = await district.issue(NewCommand("T-1", type_, body))
    await district.ack(silent, AckState.DELIVERED, 1)
    await carry_out(district.db, district.forward(seconds=finish_s + 1), dispatch.run_timers)
    view = await command_by_id(district.db, silent.command_id)
    assert view.state is CommandState.TIMED_OUT


async def test_an_order_tells_how_long_it_is_valid_from_its_arrival_and_what_is_left_of_that(
    district,
) -> None:
    await district.terminal("T-1")
    await district.issue(NewCommand("T-1", CommandType.SNAPSHOT))
    (order,) = await district.broker_takes()
    assert order.valid_for_s == 120
    await carry_out(district.db, district.forward(seconds=30), dispatch.announce, ["T-1"])
    (again,) = await district.broker_takes()
    assert (again.valid_for_s, again.expires_at) == (90, order.expires_at)


async def test_choosing_another_than_the_best_asks_for_a_reason_and_is_remembered(district) -> None:
    await district.terminal("T-1", metres=100)
    await district.terminal("T-2", metres=400)
    case_id = await district.case()
    made = await dispatch.recommend(district.db, case_id, CommandType.GUARD, OPERATOR, district.now)
    kept = await recommendation_by_id(district.db, made.recommendation_id)
    assert kept == made
    assert [item.device_id for item in kept.ranking.items] == ["T-1", "T-2"]
    second = NewCommand(
        "T-2",
        CommandType.GUARD,
        case_id=case_id,
        recommendation_id=made.recommendation_id,
    )
    with pytest.raises(GuardRefused, match="T-1 was recommended; say why T-2"):
        await district.issue(second)
    issued = await district.issue(
        NewCommand(
            "T-2",
            CommandType.GUARD,
            case_id=case_id,
            recommendation_id=made.recommendation_id,
            reason="认识路",
        )
    )
    assert (issued.chosen_rank, issued.reason) == (2, "认识路")


async def test_a_recommendation_of_an_older_hub_is_still_read(district) -> None:
    """It listed every exclusion, counted none, and called the last position a spot."""
    await district.terminal("T-1")
    await district.terminal("T-2")
    await district.silent("T-2")
    case_id = await district.case()
    made = await dispatch.recommend(district.db, case_id, CommandType.GUARD, OPERATOR, district.now)
    await district.db.execute(
        "UPDATE recommendation SET ranking = jsonb_set(ranking - 'excluded_counts', '{items,0}',"
        " (ranking #> '{items,0}') - 'position'"
        " || jsonb_build_object('spot', ranking #> '{items,0,position}'))"
    )
    assert await recommendation_by_id(district.db, made.recommendation_id) == made
