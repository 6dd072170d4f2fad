"""The drawn district: whole, without overlaps, connected, and the same for the same seed."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, Point, shape

from firmware_sim.district.build import CENTRE, DistrictSpec, build_district
from firmware_sim.district.folder import BadFolder, SimulatedDistrict, read_district, write_district
from firmware_sim.geometry import distance_m, length_m
from firmware_sim.roadmap import RoadMap


@pytest.fixture(scope="module")
def district() -> SimulatedDistrict:
    return build_district(DistrictSpec(seed=7, terminals=24, cameras=12))


def areas(district: SimulatedDistrict, prefix: str) -> dict[str, shapely.Polygon]:
    return {
        feature.properties.unit_key: shape(feature.geometry.model_dump())
        for feature in district.territories.features
        if feature.properties.unit_key.startswith(prefix)
    }


def place_of(district: SimulatedDistrict, asset_id: str) -> tuple[float, float]:
    (asset,) = [a for a in district.assets.features if a.properties.asset_id == asset_id]
    return CENTRE.to_metres(asset.geometry.coordinates)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        write_district(build_district(DistrictSpec(5, 6, 3, 20)), tmp_path / name)
    files = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*json")]
    assert len(files) >= 9
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_every_layer_is_geojson(tmp_path: Path, district: SimulatedDistrict):
    write_district(district, tmp_path)
    layers = [json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*.geojson")]
    assert {layer["type"] for layer in layers} == {"FeatureCollection"}
    assert {feature["type"] for layer in layers for feature in layer["features"]} == {"Feature"}


def test_another_seed_makes_another_district():
    one, two = (build_district(DistrictSpec(seed, 4, 2, 14)).territories for seed in (1, 2))
    assert one != two


@pytest.mark.parametrize("seed", [1, 2, 20250807])
@pytest.mark.parametrize("villages", [12, 135])
def test_villages_tile_the_district_whatever_the_seed(seed: int, villages: int):
    district = build_district(DistrictSpec(seed, 4, 4, villages))
    (whole,) = areas(district, "district_").values()
    for prefix, count in (("village_", villages), ("town_", 11)):
        parts = list(areas(district, prefix).values())
        assert len(parts) == count
        assert all(part.is_valid and part.area > 0 for part in parts)
        assert shapely.coverage_is_valid(parts)
        assert shapely.coverage_union_all(parts).equals(whole)


def test_every_village_lies_in_its_town(district: SimulatedDistrict):
    towns = areas(district, "town_")
    villages = areas(district, "village_")
    parents = {unit.unit_key: unit.parent for unit in district.units}
    for key, village in villages.items():
        town = towns[parents[key]]
        assert town.buffer(1e-7).covers(village)


def test_every_unit_is_named_once_and_knows_its_parent(district: SimulatedDistrict):
    keys = [unit.unit_key for unit in district.units]
    assert len(set(keys)) == len(keys)
    assert {unit.parent for unit in district.units} - {None} <= set(keys)
    villages = [unit for unit in district.units if unit.level == "village"]
    assert len({unit.name_zh for unit in villages}) == len(villages) == 135
    assert len({unit.name_en for unit in villages}) == 135


def test_one_can_walk_from_every_road_to_every_other(district: SimulatedDistrict):
    neighbours: dict[tuple[float, float], set[tuple[float, float]]] = {}
    for road in district.roads.features:
        line = road.geometry.coordinates
        for a, b in pairwise(line):
            neighbours.setdefault(a, set()).add(b)
            neighbours.setdefault(b, set()).add(a)
    seen, edge = set(), [next(iter(neighbours))]
    while edge:
        node = edge.pop()
        if node not in seen:
            seen.add(node)
            edge += neighbours[node]
    assert seen == set(neighbours)


@pytest.mark.parametrize("seed", [7, 11])
def test_a_road_leads_to_nearly_every_village(seed: int):
    district = build_district(DistrictSpec(seed, 0, 0))
    roads = shapely.STRtree([LineString(r.geometry.coordinates) for r in district.roads.features])
    remote = [
        key
        for key, village in areas(district, "village_").items()
        if len(roads.query(village, predicate="intersects")) == 0
    ]
    assert len(remote) <= 1, remote


def test_roads_keep_out_of_lakes(district: SimulatedDistrict):
    lakes = shapely.union_all(
        [
            shape(water.geometry.model_dump())
            for water in district.waters.features
            if "库" in water.properties.name_zh or "湖" in water.properties.name_zh
        ]
    )
    assert lakes.area > 0
    wet = [
        road.properties.name_en
        for road in district.roads.features
        if LineString(road.geometry.coordinates).intersects(lakes)
    ]
    assert wet == []


def test_water_stays_within_the_district(district: SimulatedDistrict):
    (whole,) = areas(district, "district_").values()
    for water in district.waters.features:
        area = shape(water.geometry.model_dump())
        assert area.is_valid
        assert area.difference(whole).area < 0.002 * area.area


def test_the_storys_cover_lies_on_yulin_north_road_and_belongs_to_the_housing_bureau(
    district: SimulatedDistrict,
):
    (asset,) = [a for a in district.assets.features if a.properties.asset_id == "A-0172"]
    assert asset.properties.owner_unit == "housing_bureau"
    assert asset.properties.type == "manhole_sewage"
    assert asset.properties.name_zh.startswith("玉林北路")
    road = shapely.union_all(
        [
            LineString([CENTRE.to_metres(p) for p in r.geometry.coordinates])
            for r in district.roads.features
            if r.properties.name_zh == "玉林北路"
        ]
    )
    assert road.distance(Point(place_of(district, "A-0172"))) < 3


def test_no_other_asset_is_near_enough_to_be_taken_for_the_storys(district: SimulatedDistrict):
    story = place_of(district, "A-0172")
    others = [a for a in district.assets.features if a.properties.asset_id != "A-0172"]
    nearest = min(
        distance_m(story, CENTRE.to_metres(other.geometry.coordinates)) for other in others
    )
    assert nearest > 30


def test_assets_have_unique_ids_and_owners_that_exist(district: SimulatedDistrict):
    ids = [a.properties.asset_id for a in district.assets.features]
    assert len(set(ids)) == len(ids)
    units = {unit.unit_key for unit in district.units}
    assert {a.properties.owner_unit for a in district.assets.features} <= units


@pytest.mark.parametrize("camera_id", ["C-001", "C-002"])
def test_the_first_two_cameras_look_at_the_storys_cover(
    district: SimulatedDistrict, camera_id: str
):
    (row,) = [row for row in district.devices if row.device_id == camera_id]
    (plan,) = [plan for plan in district.simulation.cameras if plan.device_id == camera_id]
    assert plan.asset_id == "A-0172"
    assert row.place is not None
    assert 15 <= distance_m(CENTRE.to_metres(row.place), place_of(district, "A-0172")) <= 25
    assert row.coverage_m == 40


def test_the_first_terminals_patrol_near_the_storys_cover(district: SimulatedDistrict):
    story = place_of(district, "A-0172")
    routes = {plan.device_id: plan.route for plan in district.simulation.terminals}
    for device_id in ("T-0001", "T-0003"):
        far = [distance_m(CENTRE.to_metres(p), story) for p in routes[device_id]]
        assert min(far) >= 95
        assert max(far) <= 405
        assert length_m([CENTRE.to_metres(p) for p in routes[device_id]]) > 400
    passing = LineString([CENTRE.to_metres(p) for p in routes["T-0002"]])
    assert passing.distance(Point(story)) < 3


def test_every_route_is_closed_and_long_enough_to_walk(district: SimulatedDistrict):
    for plan in district.simulation.terminals:
        assert plan.route[0] == plan.route[-1]
        length = length_m([CENTRE.to_metres(p) for p in plan.route])
        assert length > 100, plan.device_id
        assert 0 <= plan.start_m <= length


def test_each_device_lies_in_its_village(district: SimulatedDistrict):
    villages = areas(district, "village_")
    for row in district.devices:
        assert row.unit_key in villages
        if row.kind != "terminals":
            assert villages[row.unit_key].distance(Point(row.place or (0, 0))) < 1e-5


def test_edge_nodes_share_the_cameras_among_them(district: SimulatedDistrict):
    edges = [row for row in district.devices if row.kind == "edges"]
    assert [edge.device_id for edge in edges] == ["E-01", "E-02"]
    assert [len(edge.cameras) for edge in edges] == [8, 4]
    cameras = [row.device_id for row in district.devices if row.kind == "cameras"]
    assert [camera for edge in edges for camera in edge.cameras] == cameras


def test_gb28181_ids_have_twenty_digits_and_differ(district: SimulatedDistrict):
    ids = [row.gb28181_id for row in district.devices if row.gb28181_id]
    assert len(set(ids)) == len(ids) == 36
    assert all(len(number) == 20 and number.isdigit() for number in ids)


def test_terminals_have_their_holder_and_can_send_photos(district: SimulatedDistrict):
    terminals = [row for row in district.devices if row.kind == "terminals"]
    assert terminals[11].holder == "网格员 0012"
    assert all("photo" in row.capabilities for row in terminals)
    assert all("video" in row.capabilities for row in terminals[:3])


def test_a_district_without_devices_can_be_drawn():
    assert build_district(DistrictSpec(3, 0, 0, 12)).devices == ()


def test_a_folder_is_read_back_as_it_was_written(tmp_path: Path, district: SimulatedDistrict):
    write_district(district, tmp_path)
    assert read_district(tmp_path) == district
    roads = json.loads((tmp_path / "roads.geojson").read_text())
    assert set(roads["features"][0]["properties"]) == {"name_zh", "name_en", "class"}


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path, district: SimulatedDistrict):
    write_district(district, tmp_path)
    (tmp_path / "roads.geojson").unlink()
    with pytest.raises(BadFolder, match=r"roads\.geojson: is missing; make the folder with"):
        read_district(tmp_path)


def test_the_way_to_the_storys_cover_is_not_much_longer_than_the_straight_line(
    district: SimulatedDistrict,
):
    roads = RoadMap(
        [CENTRE.to_metres(p) for p in road.geometry.coordinates] for road in district.roads.features
    )
    story = place_of(district, "A-0172")
    for plan in district.simulation.terminals[:3]:
        start = CENTRE.to_metres(plan.route[0])
        way = roads.way(start, story)
        assert way[0] == start
        assert way[-1] == story
        assert length_m(way) < 2 * distance_m(start, story) + 100
