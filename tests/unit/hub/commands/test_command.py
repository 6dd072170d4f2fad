import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands.command import (
    ACTIVE,
    FINAL,
    MOVES,
    UNDELIVERED,
    AckCounts,
    AckRepeated,
    AckTooLate,
    CommandState,
    MovedBy,
    NumberedAck,
    decide,
    may_move,
)
from wire.messages import AckState

S = CommandState
states = st.sampled_from(CommandState)
answers = st.builds(NumberedAck, st.sampled_from(AckState), st.integers(1, 8))


def test_every_state_is_active_or_terminal() -> None:
    assert set(CommandState) == ACTIVE | FINAL
    assert not ACTIVE & FINAL


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("by", MovedBy)
def test_nobody_moves_a_command_out_of_a_terminal_state(by: MovedBy, state: CommandState) -> None:
    assert not any(may_move(by, state, to) for to in CommandState)


def test_every_state_but_the_first_can_be_reached() -> None:
    reached = {to for table in MOVES.values() for targets in table.values() for to in targets}
    assert reached == set(CommandState) - {S.CREATED}


@pytest.mark.parametrize("by", [MovedBy.DEVICE, MovedBy.TIMER, MovedBy.PERSON])
def test_only_the_hub_queues_and_sends(by: MovedBy) -> None:
    assert not any({S.QUEUED, S.SENT, S.SUPERSEDED} & targets for targets in MOVES[by].values())


def test_only_the_device_says_that_an_order_was_delivered_or_accepted() -> None:
    for by in set(MovedBy) - {MovedBy.DEVICE}:
        for targets in MOVES[by].values():
            assert not targets & {S.DELIVERED, S.ACCEPTED, S.IN_PROGRESS}


def test_each_time_has_its_own_end() -> None:
    table = MOVES[MovedBy.TIMER]
    assert all(table[state] == {S.EXPIRED} for state in UNDELIVERED)
    assert table[S.DELIVERED] == {S.NO_ANSWER, S.TIMED_OUT}
    assert table[S.ACCEPTED] == table[S.IN_PROGRESS] == {S.TIMED_OUT}


@pytest.mark.parametrize(
    ("state", "rev", "answer", "decision"),
    [
        (S.SENT, 0, NumberedAck(AckState.DELIVERED, 1), AckCounts(S.DELIVERED)),
        (S.DELIVERED, 1, NumberedAck(AckState.ACCEPTED, 2), AckCounts(S.ACCEPTED)),
        (S.QUEUED, 0, NumberedAck(AckState.ACCEPTED, 2), AckCounts(S.ACCEPTED)),
        (S.CREATED, 0, NumberedAck(AckState.SUCCEEDED, 4), AckCounts(S.SUCCEEDED)),
        (S.SENT, 0, NumberedAck(AckState.EXPIRED, 1), AckCounts(S.EXPIRED)),
        (S.ACCEPTED, 2, NumberedAck(AckState.REJECTED, 3), AckCounts(S.REJECTED)),
        (S.IN_PROGRESS, 3, NumberedAck(AckState.IN_PROGRESS, 4), AckCounts(S.IN_PROGRESS)),
        (S.DELIVERED, 1, NumberedAck(AckState.DELIVERED, 1), AckRepeated()),
        (S.SUCCEEDED, 4, NumberedAck(AckState.SUCCEEDED, 4), AckRepeated()),
        (
            S.ACCEPTED,
            2,
            NumberedAck(AckState.DELIVERED, 1),
            AckTooLate("a later answer, number 2, came first"),
        ),
        (
            S.IN_PROGRESS,
            3,
            NumberedAck(AckState.ACCEPTED, 4),
            AckTooLate("a device cannot move a command from in_progress to accepted"),
        ),
        (
            S.NO_ANSWER,
            1,
            NumberedAck(AckState.ACCEPTED, 2),
            AckTooLate("the command was already no_answer"),
        ),
        (
            S.EXPIRED,
            0,
            NumberedAck(AckState.SUCCEEDED, 4),
            AckTooLate("the command was already expired"),
        ),
    ],
)
def test_what_an_answer_does(state, rev, answer, decision) -> None:
    assert decide(state, rev, answer) == decision


@given(st.sampled_from(sorted(FINAL)), st.integers(0, 8), answers)
def test_no_answer_revives_a_command_that_has_ended(state, rev, answer) -> None:
    assert not isinstance(decide(state, rev, answer), AckCounts)


@given(st.lists(answers, max_size=12))
def test_whatever_comes_in_whatever_order_states_only_go_forward(told) -> None:
    order = [*UNDELIVERED, S.DELIVERED, S.ACCEPTED, S.IN_PROGRESS]
    state, rev = S.SENT, 0
    for answer in told:
        decision = decide(state, rev, answer)
        if isinstance(decision, AckCounts):
            assert answer.rev > rev
            assert decision.to in FINAL or order.index(decision.to) >= order.index(state)
            state, rev = decision.to, answer.rev


@given(states, st.integers(0, 8), answers)
def test_deciding_twice_about_the_same_answer_changes_nothing_more(state, rev, answer) -> None:
    first = decide(state, rev, answer)
    if isinstance(first, AckCounts):
        assert decide(first.to, answer.rev, answer) == AckRepeated()
