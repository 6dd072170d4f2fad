"""One crossing is one event, however a position jitters."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.geofences.fence import OUTSIDE, Crossing, Fence, FenceEvent, FenceStay, PositionFix, step

START = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
FENCE = Fence("yard", "院", "Yard", 15.0, 20.0, 600.0, START)
EVERY_S = 5


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def walked(
    *distances: float,
    fence: Fence = FENCE,
    accuracy_m: float = 5.0,
    every_s: float = EVERY_S,
    stay: FenceStay = OUTSIDE,
    backlog: bool = False,
) -> list[FenceEvent]:
    """The events of a walk: the distance to the boundary every few seconds, negative inside."""
    events: list[FenceEvent] = []
    for number, distance_m in enumerate(distances):
        now = at(number * every_s)
        fix = PositionFix(now, now, 103.8, 25.6, accuracy_m, backlog)
        stay, found = step(fence, stay, fix, distance_m, now)
        events += found
    return events


def told(events: list[FenceEvent]) -> list[tuple[Crossing, float]]:
    return [(event.type, (event.at - START).total_seconds()) for event in events]


def test_who_walks_in_and_out_enters_and_leaves_at_the_first_fix_on_the_other_side() -> None:
    walk = [40, 20, -5, -20, -40, -40, -40, -20, 5, 20, 40, 60, 80, 100]
    assert told(walked(*walk)) == [(Crossing.ENTER, 10), (Crossing.LEAVE, 45)]


def test_who_stays_is_told_once_when_it_has_been_long() -> None:
    assert told(walked(*[-20] * 400)) == [(Crossing.ENTER, 0), (Crossing.DWELL, 600)]


def test_a_second_stay_is_told_anew() -> None:
    stay, away = [-20] * 130, [90] * 10
    types = [event.type for event in walked(*stay, *away, *stay)]
    assert types == [Crossing.ENTER, Crossing.DWELL, Crossing.LEAVE, Crossing.ENTER, Crossing.DWELL]


def test_who_passes_within_seconds_has_not_entered() -> None:
    assert walked(30, -5, -5, -5, 30, 60, -5, 60) == []


def test_a_single_wild_fix_is_no_crossing() -> None:
    assert told(walked(*[-20] * 5, 500, *[-20] * 5)) == [(Crossing.ENTER, 0)]


def test_a_poor_fix_tells_nothing() -> None:
    assert walked(*[-20] * 20, accuracy_m=101) == []


def test_who_is_inside_has_left_only_beyond_the_error_of_the_fix() -> None:
    inside = FenceStay(inside=True, since=at(-1000), dwelt=True)
    assert walked(*[40] * 10, stay=inside, accuracy_m=50) == []
    assert told(walked(*[60] * 10, stay=inside, accuracy_m=50)) == [(Crossing.LEAVE, 0)]


def test_what_was_before_the_fence_was_drawn_is_nobody_s_business() -> None:
    later = Fence("yard", "院", "Yard", 15.0, 20.0, None, at(100))
    assert told(walked(*[-20] * 40, fence=later)) == [(Crossing.ENTER, 100)]


def test_backlog_and_what_a_stopped_worker_missed_are_history() -> None:
    assert [event.late for event in walked(*[-20] * 10, backlog=True)] == [True]
    fix = PositionFix(START, START, 103.8, 25.6, 5.0, backlog=False)
    turning = FenceStay(turning_since=at(-60))
    _, (event,) = step(FENCE, turning, fix, -20, at(121))
    assert event.late
    _, (event,) = step(FENCE, turning, fix, -20, at(60))
    assert not event.late


def test_a_clock_that_is_ahead_counts_as_the_hub_s() -> None:
    ahead = PositionFix(at(9000), START, 103.8, 25.6, 5.0, backlog=False)
    stay, _ = step(FENCE, OUTSIDE, ahead, -20, START)
    assert stay.turning_since == START


jitter = st.lists(st.floats(min_value=-7.4, max_value=7.4), min_size=20, max_size=300)


@settings(deadline=None)
@given(centre=st.floats(min_value=-60, max_value=60), noise=jitter)
def test_a_position_that_jitters_anywhere_makes_at_most_one_crossing(
    centre: float, noise: list[float]
) -> None:
    crossings = [
        event.type
        for event in walked(*(centre + each for each in noise))
        if event.type is not Crossing.DWELL
    ]
    assert crossings in ([], [Crossing.ENTER])


@settings(deadline=None)
@given(centre=st.floats(min_value=-60, max_value=60), noise=jitter)
def test_a_jittering_position_that_is_inside_leaves_at_most_once(
    centre: float, noise: list[float]
) -> None:
    inside = FenceStay(inside=True, since=at(-1), dwelt=True)
    crossings = [e.type for e in walked(*(centre + each for each in noise), stay=inside)]
    assert crossings in ([], [Crossing.LEAVE])


@settings(deadline=None)
@given(st.lists(st.floats(min_value=-200, max_value=200), max_size=200))
def test_whatever_happens_entering_and_leaving_take_turns_and_times_grow(
    distances: list[float],
) -> None:
    events = walked(*distances)
    crossings = [event.type for event in events if event.type is not Crossing.DWELL]
    assert crossings == [Crossing.ENTER, Crossing.LEAVE] * (len(crossings) // 2) + (
        [Crossing.ENTER] if len(crossings) % 2 else []
    )
    times = [event.at for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize("margin_m", [0.0, 15.0])
def test_standing_on_the_line_itself_says_nothing_new(margin_m: float) -> None:
    fence = Fence("yard", "院", "Yard", margin_m, 0.0, None, START)
    assert len(walked(*[0.0] * 50, fence=fence, accuracy_m=0.0)) <= 1
