from datetime import timedelta

import pytest

from hub.commands.command import CommandState
from hub.commands.reading import list_commands
from hub.errors import (
    NotFound,
)
from hub.video import commands as video
from hub.video.session import EndedBy, SessionState
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType


async def test_ending_twice_changes_nothing(filming) -> None:
    await filming.go_live()
    for _ in range(2):
        await filming.end()
    assert await filming.kinds() == ["video_requested", "video_live", "video_ended"]


async def test_a_request_that_ends_before_the_broker_took_it_never_reaches_the_terminal(
    filming,
) -> None:
    await filming.request()
    await filming.end()
    assert await filming.district.broker_takes() == []
    assert (await filming.order()).state is CommandState.CANCELLED


async def test_a_terminal_that_is_not_reached_fails_the_session(filming) -> None:
    await filming.request()
    await filming.run(seconds=9)
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.FAILED, EndedBy.NO_ANSWER)


async def test_a_holder_who_declines_fails_the_session(filming) -> None:
    await filming.request()
    await filming.district.ack(await filming.order(), AckState.REJECTED, 2, reason="正在驾驶")
    await filming.run(seconds=1)
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.FAILED, EndedBy.REFUSED)


async def test_no_picture_within_fifteen_seconds_of_the_yes_fails_the_session(filming) -> None:
    await filming.request()
    await filming.receive()
    await filming.district.ack(await filming.order(), AckState.ACCEPTED, 2)
    assert await filming.run(seconds=15) == 0
    assert await filming.run(seconds=1) == 1
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.FAILED, EndedBy.NO_PICTURE)
    with pytest.raises(NotFound):
        await filming.check()


async def test_the_picture_may_stop_for_a_moment_but_not_for_long(filming) -> None:
    await filming.go_live()
    assert await filming.run(seconds=14) == 0
    await filming.frame()
    assert await filming.run(seconds=15) == 0
    assert await filming.run(seconds=1) == 1
    assert (await filming.look()).ended_reason == EndedBy.PICTURE_LOST


async def test_a_picture_that_stops_ends_the_session_though_its_order_was_only_delivered(
    filming,
) -> None:
    await filming.request()
    await filming.receive()
    await filming.district.ack(await filming.order(), AckState.DELIVERED, 1)
    await filming.frame()
    for _ in range(4):
        assert await filming.run(seconds=10) == 0
        await filming.frame()
    assert (await filming.order()).state is CommandState.DELIVERED
    assert await filming.run(seconds=16) == 1
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.ENDED, EndedBy.PICTURE_LOST)
    (stop,) = await filming.district.broker_takes()
    assert stop.type is CommandType.VIDEO_STOP


async def test_a_terminal_whose_answers_were_lost_is_told_to_stop_all_the_same(filming) -> None:
    await filming.request()
    await filming.receive()
    await filming.frame()
    await filming.run(seconds=9)
    assert (await filming.order()).state is CommandState.EXPIRED
    await filming.end()
    (stop,) = await filming.district.broker_takes()
    assert stop.type is CommandType.VIDEO_STOP


@pytest.mark.parametrize("live", [True, False])
async def test_a_terminal_that_hangs_up_ends_the_session_whatever_its_order_says(
    filming, live
) -> None:
    await filming.request()
    await filming.receive()
    await filming.district.ack(await filming.order(), AckState.DELIVERED, 1)
    if live:
        await filming.frame()
    db, now = filming.district.db, filming.district.now
    for _ in range(2):
        await carry_out(db, now, video.hang_up, filming.session_id)
    session = await filming.look()
    to = SessionState.ENDED if live else SessionState.FAILED
    assert (session.state, session.ended_reason) == (to, EndedBy.TERMINAL)
    assert await filming.district.broker_takes() == []


async def test_the_terminal_ends_it_by_finishing_its_order(filming) -> None:
    await filming.go_live()
    await filming.district.ack(await filming.order(), AckState.SUCCEEDED, 4)
    await filming.run(seconds=1)
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.ENDED, EndedBy.TERMINAL)


async def test_its_time_is_up_however_well_it_goes(filming) -> None:
    await filming.go_live()
    ends_at = (await filming.look()).ends_at
    filming.district.now = ends_at - timedelta(seconds=1)
    await filming.frame()
    assert await filming.run(seconds=1) == 1
    assert (await filming.look()).ended_reason == EndedBy.TIME_UP


async def test_a_late_picture_does_not_revive_a_session(filming) -> None:
    await filming.request()
    await filming.run(seconds=44)
    await filming.frame()
    assert (await filming.look()).state == SessionState.FAILED


async def test_the_end_of_a_session_reaches_a_terminal_only_where_it_is_there(filming) -> None:
    await filming.go_live()
    await filming.district.silent("T-1")
    await filming.end()
    types = [each.type for each in await list_commands(filming.district.db, device_id="T-1")]
    assert types == [CommandType.VIDEO_START]
