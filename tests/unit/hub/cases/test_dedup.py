"""When two issues mean the same thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, radians

from hypothesis import assume, given
from hypothesis import strategies as st

from hub.cases.dedup import (
    MAX_ERROR_M,
    LocatedIssue,
    Neighbour,
    best_match,
    cells_around,
    dedup_key,
    fits_better,
)
from hub.catalogue.item import CatalogueItem
from hub.geo.distance import METRES_PER_DEGREE, distance_m
from hub.geo.place import Spot

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.6
METRE_EAST = 1 / 100_420
ITEM = CatalogueItem.model_validate(
    {
        "item_key": "cover",
        "title_zh": "井盖",
        "title_en": "Cover",
        "kind": "component",
        "owner_rule": "territory",
        "dedup": {"radius_m": 12, "window_h": 72},
        "conditions": [
            {
                "cond_key": "broken",
                "text_zh": "破损",
                "text_en": "Broken",
                "limit_type": "work_day",
                "limit_value": 2,
            }
        ],
    }
)


def issue(metres: float = 0, error_m: float = 0, asset_id: str | None = None) -> LocatedIssue:
    return LocatedIssue(ITEM, Spot(LON + metres * METRE_EAST, LAT, error_m), asset_id, NOW)


def neighbour(
    case_id: int, metres: float, error_m: float = 0, asset_id: str | None = None, key: str = "k"
) -> Neighbour:
    lon = LON + metres * METRE_EAST
    return Neighbour(case_id, lon, LAT, error_m, asset_id, key, "ROUTED", None, NOW, NOW)


def test_both_error_radii_count_with_the_radius_of_the_item():
    assert best_match(issue(0, 5), [neighbour(1, 21, 5)]) is not None
    assert best_match(issue(0, 5), [neighbour(1, 23, 5)]) is None


def test_after_its_case_was_closed_an_issue_recurs_only_at_the_very_same_place():
    def closed(metres: float, error_m: float, hours_ago: int) -> Neighbour:
        at = NOW - timedelta(hours=hours_ago)
        return replace(neighbour(1, metres, error_m), state="CLOSED", closed_at=at)

    assert best_match(issue(0, 5), [closed(21, 5, -1)]) is not None, "a late sight is of that case"
    assert best_match(issue(0, 5), [closed(21, 5, 1)]) is None
    assert best_match(issue(0, 5), [closed(11, 5, 1)]) is not None, "within the radius"
    assert best_match(issue(0, 18), [closed(21, 5, 1)]) is not None, "within both errors"


def test_long_after_it_was_seen_last_an_open_case_is_meant_only_at_the_very_same_place():
    quiet = NOW - timedelta(hours=ITEM.dedup.window_h + 1)

    assert best_match(issue(0, 5), [replace(neighbour(1, 21, 5), last_seen_at=quiet)]) is None
    assert best_match(issue(0, 5), [replace(neighbour(1, 11, 5), last_seen_at=quiet)]) is not None


def test_what_several_exact_sights_leave_open_of_a_fault_grows_smaller():
    def seen(sights: int, metres: float, stray_m: float = 0.0) -> Neighbour:
        return replace(neighbour(1, metres, 3), sights=sights, stray_m=stray_m)

    assert [seen(n, 0).extent_m(12) for n in (0, 1, 2, 3, 6)] == [12, 12, 6, 4, 2]
    assert (seen(3, 0, 9).extent_m(12), seen(3, 0, 40).extent_m(12)) == (9, 12)
    assert best_match(issue(0, 3), [seen(1, 17)]) is not None
    assert best_match(issue(0, 3), [seen(4, 17)]) is None, "they agree on another place"
    assert best_match(issue(0, 3), [seen(4, 17, 11.5)]) is not None, "it is a long one"


def test_of_two_open_cases_the_likelier_is_meant_by_place_and_by_time():
    near, far = neighbour(1, -6, 3), neighbour(2, 7, 3)
    quiet = replace(near, last_seen_at=NOW - timedelta(hours=ITEM.dedup.window_h))

    assert best_match(issue(0, 20), [near, far]) == near
    assert best_match(issue(0, 20), [quiet, far]) == far


def test_a_signal_changes_its_case_only_for_one_that_fits_clearly_better():
    there, a_bit, clearly = neighbour(1, 20, 3), neighbour(2, -17, 3), neighbour(3, -4, 3)

    assert not fits_better(issue(0, 25), a_bit, there)
    assert fits_better(issue(0, 25), clearly, there)
    assert not fits_better(issue(0, 5), neighbour(4, -40, 3), neighbour(5, 80, 3)), (
        "not there either"
    )


def test_a_very_vague_sighting_does_not_join_everything_around_it():
    assert best_match(issue(0, 5000), [neighbour(1, 100)]) is not None
    assert best_match(issue(0, 5000), [neighbour(1, 200)]) is None


def test_the_same_asset_is_the_same_however_far_the_sighting():
    known = neighbour(1, 80, 0, "A-1")

    assert best_match(issue(asset_id="A-1"), [known]) == known


def test_two_known_assets_are_never_the_same():
    assert best_match(issue(asset_id="A-1"), [neighbour(1, 1, 0, "A-2")]) is None


def test_a_sighting_without_an_asset_joins_by_place():
    assert best_match(issue(), [neighbour(1, 3, 0, "A-2")]) is not None


def test_the_asset_wins_over_the_nearer_and_the_nearer_over_the_farther():
    near, far, asset = neighbour(1, 2), neighbour(2, 8), neighbour(3, 11, 0, "A-1")

    assert best_match(issue(asset_id="A-1"), [near, far, asset]) == asset
    assert best_match(issue(), [far, near]) == near


def test_of_equally_near_cases_the_first_given_wins():
    older, newer = neighbour(1, 3), neighbour(2, 3)

    assert best_match(issue(), [newer, older]) == newer
    assert best_match(issue(), [older, newer]) == older


@given(
    first=st.tuples(st.floats(100, 105), st.floats(20, 45)),
    offset=st.tuples(st.floats(-30, 30), st.floats(-30, 30)),
)
def test_places_with_one_key_lie_within_the_radius_of_the_item(first, offset):
    lon, lat = first
    other_lon, other_lat = lon + offset[0] / 80_000, lat + offset[1] / 110_000
    assume(
        dedup_key(ITEM, None, Spot(lon, lat, 0))
        == dedup_key(ITEM, None, Spot(other_lon, other_lat, 0))
    )

    assert distance_m(lon, lat, other_lon, other_lat) <= ITEM.dedup.radius_m * 1.01


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-80, 80),
    east_m=st.floats(-300, 300),
    north_m=st.floats(-300, 300),
)
def test_places_of_the_same_issue_have_a_cell_in_common(
    lon: float, lat: float, east_m: float, north_m: float
):
    reach_m = ITEM.dedup.radius_m + 2 * MAX_ERROR_M
    other_lat = lat + north_m / METRES_PER_DEGREE
    other_lon = lon + east_m / METRES_PER_DEGREE / cos(radians(lat))
    assume(distance_m(lon, lat, other_lon, other_lat) <= reach_m)
    one = cells_around(ITEM, Spot(lon, lat, 0))
    other = cells_around(ITEM, Spot(other_lon, other_lat, 0))
    assert one & other
    assert len(one) <= 4


def test_places_far_apart_hold_each_other_up_as_little_as_other_items():
    here = cells_around(ITEM, Spot(LON, LAT, 5))
    assert not here & cells_around(ITEM, Spot(LON + 1000 * METRE_EAST, LAT, 5))
    assert not here & cells_around(ITEM.model_copy(update={"item_key": "bin"}), Spot(LON, LAT, 5))
