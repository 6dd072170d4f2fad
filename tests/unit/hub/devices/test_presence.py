"""The rule of presence, second by second, as the sweep applies it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.device import (
    ClockState,
    Presence,
    PresenceFacts,
    SettledPresence,
    clock_of,
    settled,
)

START = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def turns(
    uplinks: Iterable[float], until_s: int, wills: Sequence[float] = ()
) -> list[tuple[int, Presence]]:
    """The presences that a device takes one after the other, swept each second, and when."""
    times = sorted(uplinks)
    now = SettledPresence(Presence.NEVER)
    taken = []
    for second in range(until_s + 1):
        past = [after(at) for at in times if at <= second]
        lost = [after(at) for at in wills if at <= second]
        facts = PresenceFacts(
            past[-1] if past else None, lost[-1] if lost else None, now.returned_at
        )
        before, now = (
            now.presence,
            settled(after(second), now.presence, facts),
        )
        if now.presence is not before:
            taken.append((second, now.presence))
    return taken


def story(uplinks: Iterable[float], until_s: int, wills: Sequence[float] = ()) -> list[Presence]:
    return [presence for _, presence in turns(uplinks, until_s, wills)]


def test_a_device_is_online_at_its_first_word_then_stale_then_offline() -> None:
    assert story([1], 400) == [Presence.ONLINE, Presence.STALE, Presence.OFFLINE]


def test_a_device_that_came_back_from_offline_is_online_at_once() -> None:
    assert story([1, 300, 305], 310)[-2:] == [Presence.OFFLINE, Presence.ONLINE]


@settings(deadline=None, max_examples=20)
@given(st.floats(min_value=32, max_value=170))
def test_a_device_that_speaks_too_seldom_is_stale_and_does_not_flap(every_s: float) -> None:
    spoken = [every_s * number for number in range(12)]
    assert story(spoken, int(spoken[-1])) == [Presence.ONLINE, Presence.STALE]


def test_a_stale_device_is_online_again_at_its_second_word() -> None:
    assert story([0, 50], 70) == [Presence.ONLINE, Presence.STALE]
    assert story([0, 50, 60], 70) == [Presence.ONLINE, Presence.STALE, Presence.ONLINE]


def test_a_last_will_makes_a_device_stale_unless_it_speaks_again_soon() -> None:
    assert story([0], 20, wills=[3]) == [Presence.ONLINE, Presence.STALE]
    assert story([0, 4], 20, wills=[3]) == [Presence.ONLINE]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(min_value=0, max_value=600), max_size=30))
def test_whatever_is_heard_a_device_does_not_come_and_go_within_seconds(
    uplinks: list[float],
) -> None:
    for (came_at, presence), (went_at, _) in pairwise(turns(uplinks, 600)):
        if presence is Presence.ONLINE:
            assert went_at - came_at >= 30


@pytest.mark.parametrize(
    ("skew_s", "before", "expected"),
    [
        (None, ClockState.UNKNOWN, ClockState.UNKNOWN),
        (-2.0, ClockState.UNKNOWN, ClockState.RIGHT),
        (301.0, ClockState.RIGHT, ClockState.AHEAD),
        (299.0, ClockState.RIGHT, ClockState.RIGHT),
        (299.0, ClockState.AHEAD, ClockState.AHEAD),
        (260.0, ClockState.AHEAD, ClockState.RIGHT),
        (-181.0, ClockState.RIGHT, ClockState.BEHIND),
        (-170.0, ClockState.BEHIND, ClockState.BEHIND),
        (-140.0, ClockState.BEHIND, ClockState.RIGHT),
        (-1e6, ClockState.AHEAD, ClockState.BEHIND),
    ],
)
def test_a_clock_is_flagged_beyond_its_bounds_and_let_off_well_within(
    skew_s: float | None, before: ClockState, expected: ClockState
) -> None:
    assert clock_of(skew_s, before) is expected
