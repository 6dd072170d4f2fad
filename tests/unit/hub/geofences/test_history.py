"""What a late track adds to what was told at the time."""

from hub.geofences.fence import OUTSIDE, Crossing, FenceEvent, FenceStay, KnownEvent
from hub.geofences.history import explain, stay_before
from tests.unit.hub.geofences.test_fence import at

ENTER, LEAVE, DWELL = Crossing.ENTER, Crossing.LEAVE, Crossing.DWELL


def found(*events: tuple[Crossing, float]) -> list[FenceEvent]:
    return [FenceEvent("yard", kind, at(s), 103.8, 25.6, late=True) for kind, s in events]


def known(*events: tuple[Crossing, float]) -> list[KnownEvent]:
    return [KnownEvent(n, "yard", kind, at(s)) for n, (kind, s) in enumerate(events, start=1)]


def new(explained) -> list[tuple[Crossing, float]]:
    return [(event.type, (event.at - at(0)).total_seconds()) for event in explained.new]


def test_where_a_terminal_was_is_told_by_the_events_before() -> None:
    told = known((ENTER, 100), (DWELL, 700), (LEAVE, 900))
    assert stay_before(told, at(100)) == OUTSIDE
    assert stay_before(told, at(500)) == FenceStay(inside=True, since=at(100))
    assert stay_before(told, at(800)) == FenceStay(inside=True, since=at(100), dwelt=True)
    assert stay_before(told, at(1000)) == OUTSIDE


def test_a_stay_that_nobody_saw_is_news() -> None:
    explained = explain(found((ENTER, 100), (LEAVE, 300)), known((ENTER, 900)))
    assert (new(explained), explained.dated_back) == ([(ENTER, 100), (LEAVE, 300)], {})


def test_an_entry_that_was_noticed_after_the_gap_is_dated_back() -> None:
    explained = explain(found((ENTER, 300)), known((ENTER, 900)))
    assert new(explained) == []
    assert {key: event.at for key, event in explained.dated_back.items()} == {1: at(300)}


def test_a_leave_that_was_noticed_after_the_gap_is_dated_back_and_the_rest_is_news() -> None:
    explained = explain(
        found((LEAVE, 200), (ENTER, 300), (DWELL, 500), (LEAVE, 600)),
        known((ENTER, 100), (LEAVE, 900)),
    )
    assert new(explained) == [(LEAVE, 200), (ENTER, 300), (DWELL, 500)]
    assert {key: event.at for key, event in explained.dated_back.items()} == {2: at(600)}


def test_a_track_that_comes_twice_adds_nothing_the_second_time() -> None:
    track = found((ENTER, 100), (LEAVE, 300))
    assert new(explain(track, known((ENTER, 100), (LEAVE, 310)))) == []
