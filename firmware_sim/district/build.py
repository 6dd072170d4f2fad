"""Builds a district from its seed."""

from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, Polygon

from firmware_sim.district.assets import NamedLine, PlacedAsset, place_assets
from firmware_sim.district.country_roads import Country, draw_country
from firmware_sim.district.devices import PlacementMap, place_cameras, place_edges, place_terminals
from firmware_sim.district.files import (
    AreaShape,
    AssetLayer,
    AssetTag,
    DistrictRecord,
    GeoJsonFeature,
    LineShape,
    NameTag,
    PlaceLayer,
    PlaceTag,
    PointShape,
    RoadLayer,
    RoadTag,
    SimulationFile,
    TerritoryLayer,
    UnitTag,
    WaterLayer,
)
from firmware_sim.district.folder import SimulatedDistrict
from firmware_sim.district.relief import Relief, draw_relief
from firmware_sim.district.roads import Road, in_degrees, join_crossings, main_body
from firmware_sim.district.territories import Territories, draw_territories
from firmware_sim.district.town_roads import RING_M, draw_town
from firmware_sim.district.units import CODE, DISTRICT_NAME, DISTRICT_UNIT, unit_records
from firmware_sim.district.water import Water, bent, draw_water, river_area, still_water
from firmware_sim.geometry import LocalProjection, LonLat, distance_m
from firmware_sim.roadmap import RoadMap

CENTRE = LocalProjection(103.82, 25.60)


@dataclass(frozen=True)
class DistrictSpec:
    """The size of the district, and its seed."""

    seed: int
    terminals: int
    cameras: int
    villages: int = 135


def build_district(wanted: DistrictSpec) -> SimulatedDistrict:
    """The same spec always gives the same district."""

    def rng(topic: str) -> Random:
        return Random(f"{wanted.seed}/{topic}")

    relief = draw_relief(rng("relief"))
    territories = draw_territories(rng("territories"), relief, CENTRE, wanted.villages)
    waters = draw_water(rng("water"), territories.drawing)
    roads = _roads(rng("roads"), territories, waters)
    lines = [in_degrees(road, relief, CENTRE) for road in roads]
    walkable = [tuple(CENTRE.to_metres(p) for p in line) for line in lines]
    assets = place_assets(
        rng("assets"), [NamedLine(r.name, line) for r, line in zip(roads, walkable, strict=True)]
    )
    seats = [relief.bend(village.seat) for village in territories.villages]
    site = PlacementMap(CENTRE, territories, seats, RoadMap(walkable), assets)
    terminals = place_terminals(rng("terminals"), site, wanted.terminals)
    cameras = place_cameras(rng("cameras"), site, wanted.cameras)
    rows = [row for row, _ in terminals] + [row for row, _ in cameras]
    return SimulatedDistrict(
        info=_info(territories),
        units=unit_records(territories),
        territories=_territory_layer(territories),
        roads=_road_layer(roads, lines),
        waters=_water_layer(waters, territories, relief),
        places=_place_layer(territories, relief),
        assets=_asset_layer(assets),
        devices=(*rows, *place_edges([row for row, _ in cameras])),
        simulation=SimulationFile(
            seed=wanted.seed,
            terminals=tuple(plan for _, plan in terminals),
            cameras=tuple(plan for _, plan in cameras),
        ),
    )


def _roads(rng: Random, territories: Territories, waters: list[Water]) -> list[Road]:
    still, river = still_water(waters), river_area(waters)
    shapely.prepare(still)
    town = draw_town(rng, still, river)
    villages = [v.seat for v in territories.villages if distance_m(v.seat, (0, 0)) > RING_M * 1.2]
    seats = [t.seat for t in territories.towns if t.seat in villages]
    country = draw_country(rng, Country(territories.drawing, villages, seats, town.gates, still))
    inside = [
        Road(road.name, road.grade, tuple(piece.coords))
        for road in [*town.roads, *country]
        for piece in shapely.get_parts(
            LineString(road.line).intersection(territories.drawing).difference(still)
        )
        if isinstance(piece, LineString) and piece.length > 5
    ]
    return main_body(join_crossings(inside))


def _info(territories: Territories) -> DistrictRecord:
    west, south, east, north = territories.area.bounds
    return DistrictRecord(
        code=CODE,
        name_zh=DISTRICT_NAME.zh,
        name_en=DISTRICT_NAME.en,
        center=(CENTRE.lon, CENTRE.lat),
        bounds=(west, south, east, north),
    )


def _area(area: Polygon) -> AreaShape:
    shape = shapely.orient_polygons(area)
    rings = (shape.exterior, *shape.interiors)
    return AreaShape(coordinates=tuple(tuple((x, y) for x, y in ring.coords) for ring in rings))


def _territory_layer(territories: Territories) -> TerritoryLayer:
    areas = [(DISTRICT_UNIT, territories.area)]
    areas += [(town.unit_key, town.area) for town in territories.towns]
    areas += [(village.unit_key, village.area) for village in territories.villages]
    return TerritoryLayer(
        features=tuple(
            GeoJsonFeature(properties=UnitTag(unit_key=key), geometry=_area(area))
            for key, area in areas
        )
    )


def _road_layer(roads: list[Road], lines: list[list[LonLat]]) -> RoadLayer:
    return RoadLayer(
        features=tuple(
            GeoJsonFeature(
                properties=RoadTag(
                    name_zh=road.name.zh, name_en=road.name.en, grade=road.grade.value
                ),
                geometry=LineShape(coordinates=tuple(line)),
            )
            for road, line in zip(roads, lines, strict=True)
        )
    )


def _water_layer(waters: list[Water], territories: Territories, relief: Relief) -> WaterLayer:
    return WaterLayer(
        features=tuple(
            GeoJsonFeature(
                properties=NameTag(name_zh=water.name.zh, name_en=water.name.en),
                geometry=_area(area),
            )
            for water in waters
            for area in bent(water, territories.drawing, relief, CENTRE)
        )
    )


def _place_layer(territories: Territories, relief: Relief) -> PlaceLayer:
    towns = [("township", town.name, town.seat) for town in territories.towns]
    villages = [("village", village.name, village.seat) for village in territories.villages]
    return PlaceLayer(
        features=tuple(
            GeoJsonFeature(
                properties=PlaceTag.model_validate(
                    {"name_zh": name.zh, "name_en": name.en, "level": level}
                ),
                geometry=PointShape(coordinates=CENTRE.to_degrees(relief.bend(seat))),
            )
            for level, name, seat in towns + villages
        )
    )


def _asset_layer(assets: list[PlacedAsset]) -> AssetLayer:
    return AssetLayer(
        features=tuple(
            GeoJsonFeature(
                properties=AssetTag(
                    asset_id=asset.asset_id,
                    type=asset.type,
                    owner_unit=asset.owner,
                    name_zh=asset.name.zh,
                    name_en=asset.name.en,
                ),
                geometry=PointShape(coordinates=CENTRE.to_degrees(asset.point)),
            )
            for asset in assets
        )
    )
