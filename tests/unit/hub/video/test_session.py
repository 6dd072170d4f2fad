from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.commands.command import ACTIVE, FINAL, CommandState
from hub.video.session import MOVES, OPEN, EndedBy, SessionEnd, SessionFacts, SessionState, ending

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
S = SessionState


def seconds(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


REQUESTED = SessionFacts(
    state=S.REQUESTED,
    ends_at=seconds(600),
    first_frame_by=seconds(43),
    last_frame_at=None,
    command_state=CommandState.SENT,
    accepted_at=None,
)
LIVE = replace(
    REQUESTED,
    state=S.LIVE,
    last_frame_at=seconds(0),
    command_state=CommandState.IN_PROGRESS,
    accepted_at=seconds(-5),
)


@pytest.mark.parametrize("facts", [REQUESTED, LIVE])
@pytest.mark.parametrize("command_state", sorted(ACTIVE))
def test_a_session_goes_on_while_its_order_does(facts, command_state) -> None:
    assert ending(replace(facts, command_state=command_state), seconds(1)) is None


@pytest.mark.parametrize(
    ("facts", "at_s", "expected"),
    [
        (REQUESTED, 43, None),
        (REQUESTED, 43.1, SessionEnd(S.FAILED, EndedBy.NO_PICTURE)),
        (replace(REQUESTED, accepted_at=seconds(3)), 18, None),
        (
            replace(REQUESTED, accepted_at=seconds(3)),
            18.1,
            SessionEnd(S.FAILED, EndedBy.NO_PICTURE),
        ),
        (LIVE, 15, None),
        (LIVE, 15.1, SessionEnd(S.ENDED, EndedBy.PICTURE_LOST)),
        (replace(LIVE, last_frame_at=seconds(600)), 600, SessionEnd(S.ENDED, EndedBy.TIME_UP)),
        (replace(REQUESTED, ends_at=seconds(5)), 5, SessionEnd(S.FAILED, EndedBy.TIME_UP)),
    ],
)
def test_what_time_does(facts, at_s, expected) -> None:
    assert ending(facts, seconds(at_s)) == expected


@pytest.mark.parametrize(
    ("command_state", "requested", "live"),
    [
        (CommandState.SUCCEEDED, EndedBy.TERMINAL, EndedBy.TERMINAL),
        (CommandState.FAILED, EndedBy.REFUSED, EndedBy.TERMINAL),
        (CommandState.REJECTED, EndedBy.REFUSED, EndedBy.TERMINAL),
        (CommandState.EXPIRED, EndedBy.NO_ANSWER, None),
        (CommandState.NO_ANSWER, EndedBy.NO_ANSWER, None),
        (CommandState.TIMED_OUT, EndedBy.TIME_UP, EndedBy.TIME_UP),
        (CommandState.CANCELLED, EndedBy.OPERATOR, EndedBy.OPERATOR),
    ],
)
def test_what_the_end_of_its_order_does(command_state, requested, live) -> None:
    found = ending(replace(REQUESTED, command_state=command_state), seconds(1))
    assert found is not None
    assert found.by is requested
    found = ending(replace(LIVE, command_state=command_state), seconds(1))
    assert (None if found is None else found.by) is live


@pytest.mark.parametrize("command_state", sorted(CommandState))
def test_silence_ends_what_is_live_whatever_became_of_its_order(command_state) -> None:
    found = ending(replace(LIVE, command_state=command_state), seconds(15.1))
    assert found is not None
    assert found.to is S.ENDED


@pytest.mark.parametrize("state", [S.ENDED, S.FAILED])
def test_what_has_ended_ends_no_more(state) -> None:
    assert ending(replace(LIVE, state=state), seconds(9999)) is None
    assert MOVES[state] == frozenset()


@pytest.mark.parametrize("facts", [REQUESTED, LIVE])
@pytest.mark.parametrize("command_state", sorted(FINAL))
def test_every_ending_is_a_move_that_the_table_has(facts, command_state) -> None:
    found = ending(replace(facts, command_state=command_state), seconds(1))
    assert found is None or found.to in MOVES[facts.state]
    assert facts.state in OPEN
