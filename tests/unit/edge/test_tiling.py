"""Where the detector looks: the plan of a picture's views, and the choice of some for a look."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.boxes import ImageBox
from edge.gate import Trigger
from edge.ground import CalibrationPoint, CameraSite
from edge.road import LOWER_PART, drawn, road_of
from edge.tile_scheduler import TileScheduler, TilingLimits, TilingMode
from edge.tiling import MOST_TILES, TilingPlan, Viewport, plan_tiles

SIDE = 416
FULL_HD = plan_tiles(1920, 1080, SIDE, LOWER_PART)
HOLE = ImageBox(0.52, 0.85, 0.03, 0.02)


def site(points: list[CalibrationPoint], coverage_m: float = 40) -> CameraSite:
    return CameraSite(103.82, 25.61, coverage_m, points)


def looking_north() -> list[CalibrationPoint]:
    """A road of which the lower edge is 5 m away, and the middle row 50 m."""
    metre = 1 / 111_195
    lon = metre / math.cos(math.radians(25.61))
    return [
        CalibrationPoint(0.0, 1.0, 103.82 - 4 * lon, 25.61 + 5 * metre),
        CalibrationPoint(1.0, 1.0, 103.82 + 4 * lon, 25.61 + 5 * metre),
        CalibrationPoint(0.0, 0.5, 103.82 - 40 * lon, 25.61 + 50 * metre),
        CalibrationPoint(1.0, 0.5, 103.82 + 40 * lon, 25.61 + 50 * metre),
    ]


def test_full_hd_is_covered_by_ten_tiles_at_native_resolution() -> None:
    assert len(FULL_HD.tiles) == 10
    assert min(tile.scale for tile in FULL_HD.tiles) > 1 / 1.11
    assert FULL_HD.whole.scale == pytest.approx(416 / 1920)


def test_a_picture_that_fits_the_input_needs_no_tiles() -> None:
    assert plan_tiles(640, 360, SIDE, LOWER_PART).tiles == ()
    assert plan_tiles(1920, 1080, SIDE, None).tiles == ()


def test_a_large_picture_gets_larger_tiles_rather_than_more() -> None:
    plan = plan_tiles(3840, 2160, SIDE, LOWER_PART)
    assert 6 <= len(plan.tiles) <= MOST_TILES
    assert min(tile.scale for tile in plan.tiles) > 2 * plan.whole.scale


def test_tiles_keep_to_the_road() -> None:
    lane = ((0.6, 0.5), (1.0, 0.5), (1.0, 1.0))
    plan = plan_tiles(1920, 1080, SIDE, lane)
    assert 0 < len(plan.tiles) < 6
    assert all(tile.box.x + tile.box.w > 0.6 for tile in plan.tiles)


@settings(deadline=None)
@given(
    width=st.integers(320, 4096),
    height=st.integers(240, 2400),
    left=st.floats(0, 0.8),
    top=st.floats(0, 0.8),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_what_is_narrower_than_the_overlap_is_whole_in_some_tile(
    width, height, left, top, x, y
) -> None:
    road = ((left, top), (1.0, top), (1.0, 1.0), (left, 1.0))
    plan = plan_tiles(width, height, SIDE, road)
    assert len(plan.tiles) <= MOST_TILES
    for tile in plan.tiles:
        assert 0 <= tile.left < tile.left + tile.width <= width
        assert 0 <= tile.top < tile.top + tile.height <= height
    w, h = min(45 / width, 1 - left), min(45 / height, 1 - top)
    box = ImageBox(left + x * (1 - left - w), top + y * (1 - top - h), w, h)
    if plan.tiles:
        assert plan.whole not in plan.best_views(box)


def test_a_small_place_is_shown_by_its_tile_and_not_by_the_whole_picture() -> None:
    (tile,) = FULL_HD.best_views(HOLE)
    assert tile in FULL_HD.tiles
    assert FULL_HD.shown(HOLE, [FULL_HD.whole, tile])
    assert not FULL_HD.shown(HOLE, [FULL_HD.whole])


def test_a_place_off_the_road_or_too_large_for_a_tile_is_shown_by_the_whole_picture() -> None:
    for box in (ImageBox(0.5, 0.1, 0.02, 0.02), ImageBox(0.1, 0.5, 0.4, 0.3)):
        assert FULL_HD.shown(box, [FULL_HD.whole])


def test_without_calibration_the_road_is_the_lower_part_of_the_picture() -> None:
    assert road_of(site([])) == LOWER_PART


def test_with_calibration_the_road_is_the_ground_as_far_as_the_camera_covers_it() -> None:
    near, far = (road_of(site(looking_north(), reach_m)) for reach_m in (15, 40))
    assert drawn(near).sum() < drawn(far).sum() < drawn(((0, 0.5), (1, 0.5), (1, 1), (0, 1))).sum()
    assert drawn(far)[60, 80]
    assert not drawn(far)[40, 80]


def chosen(
    tile_scheduler: TileScheduler,
    plan: TilingPlan = FULL_HD,
    look: Trigger = Trigger.HEARTBEAT,
    *wanted: ImageBox,
):
    whole, *tiles = tile_scheduler.choose(plan, look, wanted)
    assert whole is plan.whole
    return tiles


def test_tiles_take_turns_and_all_are_seen_in_one_round() -> None:
    tile_scheduler = TileScheduler()
    turns: list[Viewport] = [tile for _ in range(5) for tile in chosen(tile_scheduler)]
    assert sorted(turns, key=FULL_HD.tiles.index) == list(FULL_HD.tiles)
    assert chosen(tile_scheduler) == list(FULL_HD.tiles[:2])


def test_the_tile_of_what_is_in_doubt_comes_first_at_every_look() -> None:
    tile_scheduler = TileScheduler()
    (doubtful,) = FULL_HD.best_views(HOLE)
    looks = [chosen(tile_scheduler, FULL_HD, Trigger.HEARTBEAT, HOLE) for _ in range(9)]
    assert all(tiles[0] == doubtful for tiles in looks)
    assert {tile for tiles in looks for tile in tiles} == set(FULL_HD.tiles), "the others go on"
    assert chosen(tile_scheduler, FULL_HD, Trigger.IN_DOUBT, HOLE) == [doubtful], (
        "which these looks are for"
    )


def test_no_look_takes_more_tiles_than_allowed() -> None:
    tile_scheduler = TileScheduler(TilingLimits(tiles_per_look=1))
    places = [ImageBox(x / 10, 0.8, 0.02, 0.02) for x in range(10)]
    assert len(chosen(tile_scheduler, FULL_HD, Trigger.STAYED, *places)) == 1


def test_a_heartbeat_may_look_at_all_tiles_and_the_other_looks_only_where_needed() -> None:
    tile_scheduler = TileScheduler(TilingLimits(TilingMode.HEARTBEAT))
    assert chosen(tile_scheduler) == list(FULL_HD.tiles)
    assert chosen(tile_scheduler, FULL_HD, Trigger.IN_DOUBT) == []
    assert chosen(tile_scheduler, FULL_HD, Trigger.IN_DOUBT, HOLE) == list(FULL_HD.best_views(HOLE))


def test_without_tiles_only_the_whole_picture_is_shown() -> None:
    assert chosen(TileScheduler(TilingLimits(TilingMode.OFF)), FULL_HD, Trigger.STAYED, HOLE) == []
    assert chosen(TileScheduler(), plan_tiles(640, 360, SIDE, LOWER_PART)) == []


def test_tiles_are_finest_far_from_the_camera() -> None:
    plan = plan_tiles(1920, 1080, 320, LOWER_PART)
    rows = sorted({(tile.top, tile.scale) for tile in plan.tiles})
    scales = [scale for _, scale in rows]
    assert len(rows) >= 2
    assert scales == sorted(scales, reverse=True)
    assert scales[0] > 0.9
