import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from hub.telemetry.squares import PER_DEGREE, TooLarge, cover, square_of

PLACES = st.tuples(st.floats(103.7, 103.76), st.floats(25.5, 25.56))


def covered(area: Polygon) -> dict[int, shapely.Geometry]:
    """What the pieces of each square add up to."""
    found: dict[int, shapely.Geometry] = {}
    for piece in cover(area, 10_000):
        column, row = divmod(piece.square, 100_000)
        west, south = column / PER_DEGREE - 180, row / PER_DEGREE - 90
        side = 1 / PER_DEGREE
        box = shapely.box(west, south, west + side, south + side)
        shape = box if piece.ring is None else Polygon(piece.ring)
        found[piece.square] = found.get(piece.square, Polygon()).union(shape)
    return found


def test_a_place_belongs_to_the_square_whose_south_western_corner_is_next() -> None:
    assert square_of(103.8, 25.6) == 113520 * 100_000 + 46240
    assert square_of(-180, -90) == 0


@settings(deadline=None, max_examples=50)
@given(st.lists(PLACES, min_size=3, max_size=8), st.lists(PLACES, min_size=20, max_size=20))
def test_the_pieces_of_an_area_are_the_area(
    corners: list[tuple[float, float]], places: list[tuple[float, float]]
) -> None:
    area = shapely.MultiPoint(corners).convex_hull.buffer(0.0005)
    pieces = covered(area)
    assert sum(each.area for each in pieces.values()) == pytest.approx(area.area, rel=1e-6)
    for lon, lat in places:
        if area.boundary.distance(Point(lon, lat)) > 1e-9:
            piece = pieces.get(square_of(lon, lat), Polygon())
            assert piece.buffer(1e-12).contains(Point(lon, lat)) == area.contains(Point(lon, lat))


def test_a_hole_smaller_than_a_square_stays_a_hole() -> None:
    pond = Point(103.80125, 25.60125).buffer(0.0004)
    area = shapely.box(103.79, 25.59, 103.81, 25.61).difference(pond)
    pieces = covered(area)
    assert sum(each.area for each in pieces.values()) == pytest.approx(area.area, rel=1e-6)
    assert not pieces[square_of(103.80125, 25.60125)].contains(Point(103.80125, 25.60125))


def test_a_piece_is_written_as_postgresql_reads_it() -> None:
    piece = next(p for p in cover(shapely.box(103.8001, 25.6001, 103.8002, 25.6002), 10) if p.ring)
    assert piece.polygon is not None
    assert piece.polygon.startswith("((")
    assert piece.polygon.count("(") == 6


@pytest.mark.parametrize("side", [0.2, 90])
def test_an_area_of_too_many_squares_is_refused(side: float) -> None:
    with pytest.raises(TooLarge) as refused:
        cover(shapely.box(20, 20, 20 + side, 20 + side), 1000)
    assert refused.value.squares >= 6400
