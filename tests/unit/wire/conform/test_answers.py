"""The rules that a device's answers to one command must keep."""

from datetime import UTC, datetime

import pytest

from wire.conform.answers import fault_of, in_words
from wire.messages import Ack, AckState

COMMAND = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def answers(*states: str, revs: tuple[int, ...] = (), reason: str | None = "no time") -> list[Ack]:
    numbers = revs or tuple(range(1, len(states) + 1))
    return [
        Ack(command_id=COMMAND, state=AckState(state), rev=rev, at=AT, reason=reason)
        for state, rev in zip(states, numbers, strict=True)
    ]


@pytest.mark.parametrize(
    "good",
    [
        answers("delivered", "succeeded"),
        answers("delivered", "accepted", "in_progress", "in_progress", "succeeded"),
        answers("delivered", "rejected"),
        answers("delivered", "delivered", "accepted", revs=(1, 1, 2)),
        answers("accepted", "delivered", revs=(2, 1)),
    ],
)
def test_series_by_the_contract_have_no_fault(good: list[Ack]):
    assert fault_of(good) == ""


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ([], "no answer came"),
        (answers("accepted"), "the first answer must be delivered"),
        (answers("delivered", "accepted", revs=(1, 3)), "rev must count 1, 2, 3, …"),
        (answers("delivered", "accepted", revs=(1, 1)), "rev 1 was used for delivered and again"),
        (answers("delivered", "succeeded", "in_progress"), "something follows the end"),
        (answers("delivered", "in_progress", "accepted"), "the states go back"),
        (answers("delivered", "rejected", reason=None), "rejected must have a reason"),
        (answers("delivered", "failed", reason=""), "failed must have a reason"),
    ],
)
def test_a_broken_series_is_told_its_first_fault(bad: list[Ack], fault: str):
    assert fault_of(bad).startswith(fault)


def test_a_number_used_twice_for_the_same_state_with_other_content_is_a_fault():
    first, second = answers("delivered"), answers("delivered", reason="other")
    assert "different content" in fault_of([*first, *second])


def test_answers_in_words_leave_out_repeats():
    assert in_words(answers("delivered", "delivered", revs=(1, 1))) == "delivered"
