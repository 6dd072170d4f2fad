"""Waiting returns what was waited for, looks once more at the deadline, and says what never came."""

import pytest

from tests.waiting import until, until_sync


def test_what_was_waited_for_is_returned() -> None:
    answers = iter([[], [], [7]])
    assert until_sync(lambda: next(answers)) == [7]


def test_a_condition_that_holds_needs_no_time() -> None:
    assert until_sync(lambda: "here", within_s=0) == "here"


def test_what_never_comes_is_named() -> None:
    with pytest.raises(AssertionError, match=r"not within 0 s: the second frame"):
        until_sync(lambda: False, within_s=0, what="the second frame")


async def test_a_coroutine_can_be_a_condition() -> None:
    answers = iter([0, 0, 7])

    async def next_answer() -> int:
        return next(answers)

    assert await until(next_answer) == 7


async def test_a_plain_function_can_be_a_condition_beside_other_tasks() -> None:
    answers = iter([False, True])
    assert await until(lambda: next(answers))


async def test_what_never_comes_to_a_coroutine_is_named() -> None:
    with pytest.raises(AssertionError, match=r"not within 0 s: the condition"):
        await until(lambda: False, within_s=0)
