from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.received_commands import FINAL, ReceivedCommands, UnreadableCommand, read_command
from wire.messages import AckState, Command, CommandType
from wire.messages.commands import PlainOrder

NOW = datetime(2025, 8, 7, 15, 19, tzinfo=UTC)
STATES = [state for state in AckState if state is not AckState.DELIVERED]


def command(valid_s: float = 60) -> Command:
    return PlainOrder(
        type=CommandType.LOCATE,
        command_id=str(uuid4()),
        issued_at=NOW - timedelta(seconds=10),
        expires_at=NOW + timedelta(seconds=valid_s),
    )


def test_a_new_command_is_delivered_and_to_be_carried_out():
    receipt = ReceivedCommands().receive(command(), NOW)
    assert receipt.to_do is not None
    assert (receipt.ack.state, receipt.ack.rev) == (AckState.DELIVERED, 1)


@pytest.mark.parametrize("late_s", [0, 1, 3600])
def test_a_command_is_refused_from_the_instant_at_which_it_expires(late_s: int):
    receipt = ReceivedCommands().receive(command(valid_s=5), NOW + timedelta(seconds=5 + late_s))
    assert receipt.to_do is None
    assert receipt.ack.state is AckState.EXPIRED


def test_a_command_that_was_done_in_time_is_not_expired_by_a_late_repeat():
    received, given_command = ReceivedCommands(), command(valid_s=5)
    received.receive(given_command, NOW)
    done = received.advance(given_command.command_id, AckState.SUCCEEDED, NOW)
    again = received.receive(given_command, NOW + timedelta(hours=1))
    assert (again.ack, again.to_do) == (done, None)


@given(st.lists(st.sampled_from([*STATES, "repeat"]), max_size=30))
def test_rev_grows_by_one_with_each_state_and_a_repeat_changes_nothing(course: list[str]):
    received, given_command = ReceivedCommands(), command()
    last = received.receive(given_command, NOW).ack
    for step in course:
        if step == "repeat":
            assert received.receive(given_command, NOW).ack == last
        elif last.state in FINAL:
            with pytest.raises(ValueError, match="can't become"):
                received.advance(given_command.command_id, AckState(step), NOW)
        else:
            following = received.advance(given_command.command_id, AckState(step), NOW)
            assert following.rev == last.rev + 1
            last = following


def test_commands_that_are_over_are_forgotten_at_last_but_open_ones_never():
    received, still_open = ReceivedCommands(), command()
    received.receive(still_open, NOW)
    first = command()
    received.receive(first, NOW)
    received.advance(first.command_id, AckState.SUCCEEDED, NOW)
    for _ in range(600):
        other = command()
        received.receive(other, NOW)
        received.advance(other.command_id, AckState.SUCCEEDED, NOW)
    assert received.receive(first, NOW).to_do == first
    assert received.receive(still_open, NOW).to_do is None


def test_a_command_under_a_foreign_topic_is_unreadable():
    given_command = command()
    with pytest.raises(UnreadableCommand, match="another command"):
        read_command(str(uuid4()), given_command.model_dump_json().encode())


def test_an_unreadable_command_never_overwrites_what_is_known():
    received, given_command = ReceivedCommands(), command()
    received.receive(given_command, NOW)
    done = received.advance(given_command.command_id, AckState.SUCCEEDED, NOW)
    assert received.refuse(given_command.command_id, "malformed", NOW) == done
