from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.geo.distance import distance_m
from hub.telemetry.track import NO_FIXES, Fixes, FixView, ThinnedTrack, thin

EIGHT = datetime(2025, 8, 7, 8, tzinfo=UTC)
GAP = timedelta(minutes=3)


def fix(second: float, lon: float = 103.8, lat: float = 25.6) -> FixView:
    at = EIGHT + timedelta(seconds=second)
    return FixView(at=at, lon=lon, lat=lat, accuracy_m=8.0, speed=1.2, backlog=False)


def columns(fixes: list[FixView]) -> Fixes:
    at, *others = zip(*(each.model_dump().values() for each in fixes), strict=True)
    return Fixes(np.array([each.timestamp() for each in at]), *map(np.array, others))


def kept(track: ThinnedTrack) -> list[FixView]:
    return [each for stretch in track.stretches for each in stretch]


def error_m(fixes: list[FixView], track: ThinnedTrack) -> float:
    """The largest distance between where it was and where the thinned line says that it was."""
    worst = 0.0
    for stretch in track.stretches:
        seconds = [each.at.timestamp() for each in stretch]
        for each in fixes:
            if stretch[0].at <= each.at <= stretch[-1].at:
                lon = np.interp(each.at.timestamp(), seconds, [f.lon for f in stretch])
                lat = np.interp(each.at.timestamp(), seconds, [f.lat for f in stretch])
                worst = max(worst, distance_m(lon, lat, each.lon, each.lat))
    return worst


def test_nothing_recorded_makes_no_stretch() -> None:
    assert thin(NO_FIXES, 10, GAP) == ThinnedTrack((), 0, 0.0)


def test_a_straight_walk_needs_its_ends_only() -> None:
    fixes = [fix(10 * n, 103.8 + n * 1e-4) for n in range(100)]
    track = thin(columns(fixes), 50, GAP)
    assert track.recorded == 100
    assert track.error_m < 0.01
    assert {fixes[0], fixes[-1]} <= set(kept(track))


def test_a_stop_on_the_way_stays_a_stop() -> None:
    walk = [fix(10 * n, 103.8 + n * 1e-4) for n in range(50)]
    rest = [fix(500 + 10 * n, walk[-1].lon) for n in range(200)]
    on = [fix(2500 + 10 * n, walk[-1].lon + n * 1e-4) for n in range(50)]
    track = thin(columns([*walk, *rest, *on]), 4, GAP)
    assert [each.at - EIGHT for each in kept(track)] == [
        timedelta(seconds=second) for second in (0, 490, 2500, 2990)
    ]


def test_a_gap_breaks_the_line_and_its_ends_stay() -> None:
    fixes = [fix(n) for n in range(0, 600, 10)] + [fix(n, 103.9) for n in range(1200, 1800, 10)]
    track = thin(columns(fixes), 10, GAP)
    assert [(s[0].at, s[-1].at) for s in track.stretches] == [
        (fixes[0].at, fixes[59].at),
        (fixes[60].at, fixes[-1].at),
    ]


def test_where_gaps_are_more_than_points_the_shortest_are_closed() -> None:
    seconds = [0, 1000, 3000, 6000, 10000, 15000]
    track = thin(columns([fix(second) for second in seconds]), 4, GAP)
    assert [len(stretch) for stretch in track.stretches] == [2, 1]
    assert track.stretches[1][0].at == fix(15000).at


places = st.tuples(st.floats(0, 4000), st.floats(103.7, 103.9), st.floats(25.5, 25.7)).map(
    lambda each: fix(round(each[0], 1), each[1], each[2])
)


@settings(deadline=None)
@given(st.lists(places, min_size=1, max_size=60, unique_by=lambda f: f.at), st.integers(2, 40))
def test_the_line_is_never_farther_off_than_it_says(fixes: list[FixView], most: int) -> None:
    fixes.sort(key=lambda each: each.at)
    track = thin(columns(fixes), most, GAP)
    assert len(kept(track)) <= most
    assert set(kept(track)) <= set(fixes)
    assert error_m(fixes, track) <= track.error_m * 1.01 + 0.01


def test_a_fix_comes_out_of_its_columns_as_it_went_in() -> None:
    at = EIGHT + timedelta(microseconds=123_457)
    said = FixView(at=at, lon=103.8, lat=25.6, accuracy_m=8.0, speed=None, backlog=True)
    silent = columns([said])
    fixes = Fixes(
        *(getattr(silent, name) for name in ("at_s", "lon", "lat", "accuracy_m")),
        speed=np.array([np.nan]),
        backlog=np.array([1.0]),
    )
    assert fixes[0] == said
