"""What several views of one look say together."""

from edge.boxes import ImageBox
from edge.detector import Observation
from edge.merge import ViewResult, merged
from edge.road import LOWER_PART
from edge.tiling import Viewport, plan_tiles

PLAN = plan_tiles(1920, 1080, 416, LOWER_PART)
HOLE = ImageBox(0.52, 0.85, 0.03, 0.02)
(TILE,) = PLAN.best_views(HOLE)


def seen(view: Viewport, *observations: tuple[str, ImageBox]) -> ViewResult:
    return ViewResult(view, tuple(Observation(label, 0.8, 0.4, box) for label, box in observations))


def labels(*look: ViewResult) -> list[str]:
    return [one.label for one in merged(PLAN, look)]


def at_the_right_border_of(tile: Viewport, width: float) -> ImageBox:
    right = tile.box.x + tile.box.w
    return ImageBox(right - width, 0.5, width, 0.05)


def test_the_tile_has_the_word_about_what_is_small() -> None:
    look = [seen(PLAN.whole, ("manhole_good", HOLE)), seen(TILE, ("manhole_open", HOLE))]
    assert labels(*look) == ["manhole_open"]


def test_what_only_the_whole_picture_takes_for_a_small_fault_is_none_if_the_tile_shows_nothing() -> (
    None
):
    assert labels(seen(PLAN.whole, ("pothole", HOLE)), seen(TILE)) == []


def test_while_its_tile_is_not_looked_at_a_small_fault_raises_suspicion_but_a_sound_thing_says_nothing() -> (
    None
):
    assert labels(seen(PLAN.whole, ("manhole_open", HOLE))) == ["manhole_open"]
    assert labels(seen(PLAN.whole, ("manhole_good", HOLE))) == []


def test_what_is_large_is_judged_by_the_whole_picture_too() -> None:
    bin_box = ImageBox(0.5, 0.6, 0.08, 0.2)
    assert labels(seen(PLAN.whole, ("bin_normal", bin_box)), seen(TILE)) == ["bin_normal"]


def test_a_box_cut_by_the_border_of_a_tile_gives_way_to_a_whole_one() -> None:
    left, right = PLAN.tiles[0], PLAN.tiles[1]
    cut = at_the_right_border_of(left, 0.02)
    whole = ImageBox(cut.x, cut.y, 0.04, 0.05)
    (kept,) = merged(PLAN, [seen(left, ("pothole", cut)), seen(right, ("pothole", whole))])
    assert (kept.box, kept.whole) == (whole, True)


def test_where_nothing_better_is_seen_a_cut_box_stays_and_is_marked() -> None:
    cut = at_the_right_border_of(PLAN.tiles[0], 0.02)
    (kept,) = merged(PLAN, [seen(PLAN.whole), seen(PLAN.tiles[0], ("pothole", cut))])
    assert (kept.box, kept.whole) == (cut, False)


def test_two_parts_of_one_thing_cut_by_two_tiles_are_one() -> None:
    left, right = PLAN.tiles[0], PLAN.tiles[1]
    strip = (right.box.x, left.box.x + left.box.w)
    one = ImageBox(strip[0] - 0.05, 0.5, 0.05 + strip[1] - strip[0], 0.05)
    other = ImageBox(strip[0], 0.5, 0.05 + strip[1] - strip[0], 0.05)
    assert labels(seen(left, ("road_crack", one)), seen(right, ("road_crack", other))) == [
        "road_crack"
    ]


def test_at_the_edge_of_the_picture_nothing_is_cut() -> None:
    last = PLAN.tiles[-1]
    corner = ImageBox(0.97, 0.96, 0.03, 0.04)
    (kept,) = merged(PLAN, [seen(last, ("garbage", corner))])
    assert kept.whole


def test_what_fills_a_tile_is_left_to_the_whole_picture() -> None:
    left, top, w, h = TILE.box.x, TILE.box.y, TILE.box.w, TILE.box.h
    bare_road = ImageBox(left + 0.1 * w, top + 0.1 * h, 0.8 * w, 0.8 * h)
    assert labels(seen(PLAN.whole), seen(TILE, ("manhole_open", bare_road))) == []
    cut = ImageBox(left, top + 0.1 * h, 0.9 * w, 0.8 * h)
    assert labels(seen(PLAN.whole), seen(TILE, ("manhole_open", cut))) == []
    assert labels(seen(PLAN.whole, ("manhole_open", bare_road)), seen(TILE)) == ["manhole_open"]


def test_what_is_neither_small_nor_large_is_judged_by_either() -> None:
    middling = ImageBox(0.5, 0.8, 0.1, 0.1)
    for view in (PLAN.whole, *(one for one in PLAN.best_views(middling) if one is not PLAN.whole)):
        assert labels(seen(PLAN.whole), seen(view, ("manhole_open", middling))) == ["manhole_open"]
