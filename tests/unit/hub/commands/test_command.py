import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands.command import (
    ACTIVE,
    MOVES,
    TERMINAL,
    UNDELIVERED,
    Answer,
    CommandState,
    Late,
    Move,
    Mover,
    Repeat,
    decide,
    may_move,
)
from wire.messages import AckState

S = CommandState
states = st.sampled_from(CommandState)
answers = st.builds(Answer, st.sampled_from(AckState), st.integers(1, 8))


def test_every_state_is_active_or_terminal() -> None:
    assert set(CommandState) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


@pytest.mark.parametrize("state", sorted(TERMINAL))
@pytest.mark.parametrize("by", Mover)
def test_nobody_moves_a_command_out_of_a_terminal_state(by: Mover, state: CommandState) -> None:
    assert not any(may_move(by, state, to) for to in CommandState)


def test_every_state_but_the_first_can_be_reached() -> None:
    reached = {to for table in MOVES.values() for targets in table.values() for to in targets}
    assert reached == set(CommandState) - {S.CREATED}


@pytest.mark.parametrize("by", [Mover.DEVICE, Mover.TIMER, Mover.PERSON])
def test_only_the_hub_queues_and_sends(by: Mover) -> None:
    assert not any({S.QUEUED, S.SENT, S.SUPERSEDED} & targets for targets in MOVES[by].values())


def test_only_the_device_says_that_an_order_was_delivered_or_accepted() -> None:
    for by in set(Mover) - {Mover.DEVICE}:
        for targets in MOVES[by].values():
            assert not targets & {S.DELIVERED, S.ACCEPTED, S.IN_PROGRESS}


def test_each_time_has_its_own_end() -> None:
    table = MOVES[Mover.TIMER]
    assert all(table[state] == {S.EXPIRED} for state in UNDELIVERED)
    assert table[S.DELIVERED] == {S.NO_ANSWER, S.TIMED_OUT}
    assert table[S.ACCEPTED] == table[S.IN_PROGRESS] == {S.TIMED_OUT}


@pytest.mark.parametrize(
    ("state", "rev", "answer", "decision"),
    [
        (S.SENT, 0, Answer(AckState.DELIVERED, 1), Move(S.DELIVERED)),
        (S.DELIVERED, 1, Answer(AckState.ACCEPTED, 2), Move(S.ACCEPTED)),
        (S.QUEUED, 0, Answer(AckState.ACCEPTED, 2), Move(S.ACCEPTED)),
        (S.CREATED, 0, Answer(AckState.SUCCEEDED, 4), Move(S.SUCCEEDED)),
        (S.SENT, 0, Answer(AckState.EXPIRED, 1), Move(S.EXPIRED)),
        (S.ACCEPTED, 2, Answer(AckState.REJECTED, 3), Move(S.REJECTED)),
        (S.IN_PROGRESS, 3, Answer(AckState.IN_PROGRESS, 4), Move(S.IN_PROGRESS)),
        (S.DELIVERED, 1, Answer(AckState.DELIVERED, 1), Repeat()),
        (S.SUCCEEDED, 4, Answer(AckState.SUCCEEDED, 4), Repeat()),
        (
            S.ACCEPTED,
            2,
            Answer(AckState.DELIVERED, 1),
            Late("a later answer, number 2, came first"),
        ),
        (
            S.IN_PROGRESS,
            3,
            Answer(AckState.ACCEPTED, 4),
            Late("a device cannot move a command from in_progress to accepted"),
        ),
        (S.NO_ANSWER, 1, Answer(AckState.ACCEPTED, 2), Late("the command was no_answer already")),
        (S.EXPIRED, 0, Answer(AckState.SUCCEEDED, 4), Late("the command was expired already")),
    ],
)
def test_what_an_answer_does(state, rev, answer, decision) -> None:
    assert decide(state, rev, answer) == decision


@given(st.sampled_from(sorted(TERMINAL)), st.integers(0, 8), answers)
def test_no_answer_revives_a_command_that_has_ended(state, rev, answer) -> None:
    assert not isinstance(decide(state, rev, answer), Move)


@given(st.lists(answers, max_size=12))
def test_whatever_comes_in_whatever_order_states_only_go_forward(told) -> None:
    order = [*UNDELIVERED, S.DELIVERED, S.ACCEPTED, S.IN_PROGRESS]
    state, rev = S.SENT, 0
    for answer in told:
        decision = decide(state, rev, answer)
        if isinstance(decision, Move):
            assert answer.rev > rev
            assert decision.to in TERMINAL or order.index(decision.to) >= order.index(state)
            state, rev = decision.to, answer.rev


@given(states, st.integers(0, 8), answers)
def test_deciding_twice_about_the_same_answer_changes_nothing_more(state, rev, answer) -> None:
    first = decide(state, rev, answer)
    if isinstance(first, Move):
        assert decide(first.to, answer.rev, answer) == Repeat()
