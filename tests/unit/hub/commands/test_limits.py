from datetime import UTC, datetime, timedelta

import pytest

from hub.commands.command import ACTIVE, CommandState, MovedBy, may_move
from hub.commands.limits import NEXT_BEST, limits_of, runs_out_to, timer_at
from wire.command_times import COMMAND_TIMES
from wire.messages import CommandType

T = CommandType
NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
EXPIRES = NOW + timedelta(seconds=15)


def test_every_type_has_its_limits() -> None:
    assert set(COMMAND_TIMES) == set(CommandType)


@pytest.mark.parametrize(
    ("type_", "wait_s", "deliver_s", "accept_s", "finish_s"),
    [
        (T.LOCATE, None, 10, None, 20),
        (T.MESSAGE, 4 * 3600, 4 * 3600, 600, None),
        (T.DISPATCH, 1800, 15, 120, 86400),
        (T.VERIFY, 600, 600, 90, 1800),
        (T.GUARD, 1800, 15, 120, None),
        (T.SNAPSHOT, 120, 120, None, 30),
        (T.VIDEO_START, None, 8, None, 1860),
        (T.VIDEO_STOP, None, 8, None, 20),
        (T.TALK_START, None, 8, None, 20),
        (T.BROADCAST, None, 8, None, 600),
        (T.REBOOT, 7 * 86400, 7 * 86400, None, 3600),
        (T.PTZ_GOTO, None, 5, None, 30),
    ],
)
def test_the_table_of_limits(type_, wait_s, deliver_s, accept_s, finish_s) -> None:
    limits = COMMAND_TIMES[type_]
    assert (limits.wait_s, limits.deliver_s) == (wait_s, deliver_s)
    assert (limits.accept_s, limits.finish_s) == (accept_s, finish_s)


def test_only_a_guard_that_is_relieved_and_a_message_that_is_read_have_no_limit_to_finish() -> None:
    endless = {type_ for type_, times in COMMAND_TIMES.items() if times.finish_s is None}
    assert endless == {T.GUARD, T.MESSAGE}
    assert {type_ for type_, times in COMMAND_TIMES.items() if times.ends_when_read} == {T.MESSAGE}


def test_only_what_sends_somebody_to_a_case_goes_on_to_the_next_best() -> None:
    assert {T.DISPATCH, T.GUARD} == NEXT_BEST


def test_a_dispatch_waits_a_quarter_of_its_cases_limit_and_lasts_as_long_as_its_case() -> None:
    limits = limits_of(T.DISPATCH, case_limit_s=8 * 3600, case_left_s=6 * 3600)
    assert (limits.wait_s, limits.finish_s) == (2 * 3600, 6 * 3600)


def test_a_dispatch_of_an_overdue_case_still_has_an_hour() -> None:
    assert limits_of(T.DISPATCH, case_limit_s=3600, case_left_s=-500).finish_s == 3600


@pytest.mark.parametrize("type_", [T.GUARD, T.VERIFY, T.MESSAGE])
def test_the_case_lengthens_nothing_but_its_dispatch(type_) -> None:
    assert limits_of(type_, case_limit_s=8 * 3600, case_left_s=60) == COMMAND_TIMES[type_]


@pytest.mark.parametrize("state", sorted(ACTIVE))
@pytest.mark.parametrize("accept_s", [None, 120.0])
def test_what_time_does_is_a_move_that_the_table_has(state, accept_s) -> None:
    assert may_move(MovedBy.TIMER, state, runs_out_to(state, accept_s))


@pytest.mark.parametrize(
    ("state", "accept_s", "finish_s", "expected"),
    [
        (CommandState.CREATED, 120, 1800, EXPIRES),
        (CommandState.SENT, None, None, EXPIRES),
        (CommandState.DELIVERED, 120, None, NOW + timedelta(seconds=120)),
        (CommandState.DELIVERED, None, 20, NOW + timedelta(seconds=20)),
        (CommandState.ACCEPTED, 120, 1800, NOW + timedelta(seconds=1800)),
        (CommandState.IN_PROGRESS, 120, None, None),
    ],
)
def test_when_a_state_runs_out(state, accept_s, finish_s, expected) -> None:
    found = timer_at(state, NOW, expires_at=EXPIRES, accept_s=accept_s, finish_s=finish_s)
    assert found == expected
