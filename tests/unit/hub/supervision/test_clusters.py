"""Clusters in space and time, and minutes in which a device was away."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub.devices.device import Presence
from hub.geo.distance import distance_m
from hub.supervision.digest.away import PresenceChange, minutes_away
from hub.supervision.digest.clusters import Happening, clusters

AT = datetime(2025, 8, 7, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def happening(number: int, east_m: float = 0, north_m: float = 0, hours: float = 0) -> Happening:
    lon, lat = 103.82 + east_m / 100_420, 25.6 + north_m / 110_770
    return Happening(number, lon, lat, AT + hours * HOUR)


def test_three_near_one_another_are_a_hot_spot_and_two_are_none():
    near = [happening(1), happening(2, 100), happening(3, 0, 100)]
    assert [len(each.members) for each in clusters(near)] == [3]
    assert clusters(near[:2]) == []


def test_far_in_space_or_in_time_is_no_hot_spot():
    assert clusters([happening(1), happening(2, 400), happening(3, 800)]) == []
    assert clusters([happening(1), happening(2, hours=100), happening(3, hours=200)]) == []


def test_a_chain_of_near_ones_is_one_cluster():
    chain = [happening(n, 250 * n, hours=10 * n) for n in range(8)]
    found = clusters(chain)
    assert [len(each.members) for each in found] == [8]
    assert found[0].first_at == AT
    assert found[0].last_at == AT + 70 * HOUR


POINTS = st.lists(
    st.tuples(st.integers(-900, 900), st.integers(-900, 900), st.integers(0, 150)), max_size=25
)


@given(POINTS)
def test_clusters_are_those_that_comparing_all_pairs_finds(points):
    given_ = [happening(n, *point) for n, point in enumerate(points)]
    groups = {each.case_id: {each.case_id} for each in given_}
    for one in given_:
        for other in given_:
            apart = distance_m(one.lon, one.lat, other.lon, other.lat)
            if apart <= 300 and abs(one.at - other.at) <= 72 * HOUR:
                merged = groups[one.case_id] | groups[other.case_id]
                for each in merged:
                    groups[each] = merged
    expected = {frozenset(each) for each in groups.values() if len(each) >= 3}
    assert {frozenset(m.case_id for m in each.members) for each in clusters(given_)} == expected
    sizes = [len(each.members) for each in clusters(given_)]
    assert all(one >= other for one, other in pairwise(sizes))


def test_minutes_away_are_counted_from_midnight_to_midnight():
    day = (AT, AT + 24 * HOUR)
    assert minutes_away(Presence.ONLINE, [], *day) == (0, False)
    assert minutes_away(None, [], *day) == (0, False)
    assert minutes_away(Presence.OFFLINE, [], *day) == (1440, True)
    changes = [
        PresenceChange(AT + HOUR, Presence.OFFLINE),
        PresenceChange(AT + 3 * HOUR, Presence.ONLINE),
    ]
    assert minutes_away(Presence.ONLINE, changes, *day) == (120, False)
    assert minutes_away(Presence.OFFLINE, changes[1:], *day) == (180, False)
