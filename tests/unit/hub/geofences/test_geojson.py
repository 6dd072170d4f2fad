import json
from typing import Any

import pytest

from hub.errors import InvalidInput
from hub.geo.area import Area
from hub.geofences.geojson import parse_features, parse_text
from wire.crs import wgs84_to_gcj02
from wire.messages import Crs

SQUARE = [[103.82, 25.6], [103.83, 25.6], [103.83, 25.61], [103.82, 25.61], [103.82, 25.6]]


def feature(geometry: Any = None, **properties: Any) -> dict[str, Any]:
    drawn = {"type": "Polygon", "coordinates": [SQUARE]} if geometry is None else geometry
    said = {"geofence_id": "school", "name_zh": "学校"} | properties
    return {"type": "Feature", "geometry": drawn, "properties": said}


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


def reason(one: object) -> str:
    (bad,) = parse_features({"features": [one]}, Crs.WGS84).bad
    assert bad.feature == 1
    return bad.reason


def test_a_fence_is_read_with_what_it_says_and_what_holds_otherwise() -> None:
    drawing = parse_text(json.dumps({"features": [feature(dwell_s=300)]}), Crs.WGS84)
    (fence,) = drawing.fences
    assert (fence.name_en, fence.margin_m, fence.settle_s, fence.dwell_s) == ("学校", 15, 20, 300)
    assert fence.boundary == {"type": "Polygon", "coordinates": [SQUARE]}
    assert drawing.bad == ()


@pytest.mark.parametrize("own", [False, True])
def test_gcj02_is_turned_into_wgs84_by_file_and_by_feature(own: bool) -> None:
    ring = [list(wgs84_to_gcj02(*point)) for point in SQUARE]
    drawn = {"type": "MultiPolygon", "coordinates": [[ring]]}
    said = feature(drawn, crs="gcj02") if own else feature(drawn)
    (fence,) = parse_features({"features": [said]}, Crs.WGS84 if own else Crs.GCJ02).fences
    (((found,),)) = fence.boundary["coordinates"]
    for point, expected in zip(found, SQUARE, strict=True):
        assert point == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (7, "not a feature"),
        ({"type": "Feature"}, "geofence_id: Field required"),
        (feature(geofence_id="School 1"), "geofence_id: "),
        (feature(margin_m=-1), "margin_m: "),
        (feature(dwell_s=0), "dwell_s: "),
        (feature({"type": "Point", "coordinates": [103.8, 25.6]}), "a Polygon or a MultiPolygon"),
        (feature({"type": "Polygon", "coordinates": "x"}), "not rings"),
        (feature({"type": "Polygon", "coordinates": [[[1, 2]]]}), "not rings"),
        (feature({"type": "Polygon"}), "not rings"),
        (feature(polygon()), "a fence has between 4 and 5000 points"),
        (feature(polygon((25.6, 103.8), (25.7, 103.8), (25.7, 103.9), (25.6, 103.8))), "lon, lat"),
        (feature(polygon((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))), "Self-intersection"),
    ],
)
def test_a_bad_feature_is_named_with_its_reason(one: object, expected: str) -> None:
    assert expected in reason(one)


def test_the_good_features_beside_a_bad_one_are_kept_and_twins_are_named() -> None:
    drawing = parse_features({"features": [feature(), 7, feature()]}, Crs.WGS84)
    assert [fence.geofence_id for fence in drawing.fences] == ["school"]
    assert [(bad.feature, bad.geofence_id) for bad in drawing.bad] == [(2, None), (3, "school")]
    assert "twice" in drawing.bad[1].reason


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 3}', "[" * 100_000])
def test_what_is_no_collection_of_features_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_text(text, Crs.WGS84)


def test_distances_to_a_boundary_are_in_metres_and_negative_inside() -> None:
    area = Area.of({"type": "Polygon", "coordinates": [SQUARE]})
    assert area.distance_m(103.825, 25.605) == pytest.approx(-502, abs=3)
    assert area.distance_m(103.8301, 25.605) == pytest.approx(10.04, abs=0.1)
    assert area.distance_m(103.825, 25.6101) == pytest.approx(11.1, abs=0.1)
    assert area.distance_m(104.825, 25.605) == pytest.approx(100_000, rel=0.01)
