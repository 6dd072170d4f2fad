"""Terminals with their holders and routes, cameras above covers, and edge nodes beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import Point

from firmware_sim.district.assets import STORY_ASSET, PlacedAsset, aside
from firmware_sim.district.files import CameraPlan, DeviceRecord, TerminalPlan
from firmware_sim.district.territories import Territories, VillageTerritory
from firmware_sim.district.units import CODE
from firmware_sim.geometry import XY, LocalProjection, along, distance_m, heading_deg, length_m
from firmware_sim.roadmap import RoadMap

CAMERAS_PER_EDGE = 8
COVERAGE_M = 40.0
_BESIDE_STORY = 3
"""The first terminals walk within 100 to 400 m of the story's cover."""
_STORY_RING_M = (100.0, 400.0)


@dataclass(frozen=True)
class PlacementMap:
    """The map on which devices are placed; points are in metres of the local projection, after the bend."""

    projection: LocalProjection
    territories: Territories
    seats: Sequence[XY]
    roads: RoadMap
    assets: Sequence[PlacedAsset]

    def village_at(self, point: XY) -> VillageTerritory:
        place = Point(self.projection.to_degrees(point))
        villages = self.territories.villages
        return min(villages, key=lambda village: village.area.distance(place))

    @property
    def story(self) -> PlacedAsset:
        (asset,) = [asset for asset in self.assets if asset.asset_id == STORY_ASSET]
        return asset


def place_terminals(
    rng: Random, site: PlacementMap, count: int
) -> list[tuple[DeviceRecord, TerminalPlan]]:
    homes = _homes(rng, site, max(0, count - _BESIDE_STORY))
    placed = []
    for number in range(1, count + 1):
        own = rng.random()
        if number <= _BESIDE_STORY:
            route, start_m = _story_route(rng, site, number)
            village = site.village_at(along(route, start_m)[0])
        else:
            village, seat = homes[number - _BESIDE_STORY - 1]
            route = _village_route(rng, site, seat)
            start_m = own * length_m(route)
        device_id = f"T-{number:04d}"
        plan = TerminalPlan(
            device_id=device_id,
            route=tuple(site.projection.to_degrees(p) for p in route),
            start_m=round(start_m, 1),
        )
        placed.append((_terminal(number, village, own, site.projection.to_degrees(route[0])), plan))
    return placed


def _terminal(
    number: int, village: VillageTerritory, own: float, home: tuple[float, float]
) -> DeviceRecord:
    full = number <= _BESIDE_STORY or own < 0.85
    return DeviceRecord(
        device_id=f"T-{number:04d}",
        kind="terminals",
        name_zh=f"{village.name.zh}巡护终端 {number:04d}",
        name_en=f"{village.name.en} terminal {number:04d}",
        unit_key=village.unit_key,
        holder=f"网格员 {number:04d}",
        capabilities=("video", "talk", "photo") if full else ("talk", "photo"),
        place=home,
        gb28181_id=_gb28181(138, number),
    )


def _gb28181(kind: int, number: int) -> str:
    """20 digits: centre code 8, industry 2, type 3, network 1, serial 6 (GB/T 28181, annex D)."""
    return f"{CODE}0000{kind:03d}0{number:06d}"


def _homes(rng: Random, site: PlacementMap, count: int) -> list[tuple[VillageTerritory, XY]]:
    """Villages in turn, those of the town twice as often."""
    villages = list(zip(site.territories.villages, site.seats, strict=True))
    urban = [home for home in villages if home[0].urban] or villages
    homes: list[tuple[VillageTerritory, XY]] = []
    while len(homes) < count:
        turn = [*rng.sample(urban, len(urban)), *rng.sample(villages, len(villages))]
        mixed = [
            home
            for pair in zip(turn[: len(urban)], turn[len(urban) :], strict=False)
            for home in pair
        ]
        homes += [*mixed, *turn[2 * len(urban) :]]
    return homes[:count]


def _village_route(rng: Random, site: PlacementMap, seat: XY) -> list[XY]:
    """The longest of a few walks by chance, because some end in a blind alley at once."""
    for reach in (400.0, 900.0, 2_000.0, 6_000.0):
        starts = site.roads.junctions(seat, 0, reach)
        if starts:
            chosen = [rng.choice(starts) for _ in range(6)]
            long_m = rng.uniform(700, 1_500)
            walks = [site.roads.stroll(rng, s, long_m, (seat, 0, 6_000)) for s in chosen]
            return max(walks, key=length_m)
    raise ValueError(f"no road within 6 km of {seat}")


def _story_route(rng: Random, site: PlacementMap, number: int) -> tuple[list[XY], float]:
    """T-0002 walks past the cover along its road, and is about 105 m short of it at the start."""
    story = site.story
    if number == 2:
        road = list(story.road)
        south, north = max(0.0, story.at_m - 330), min(length_m(road), story.at_m + 330)
        stops = [south + (north - south) * n / 24 for n in range(25)]
        line = [along(road, at_m)[0] for at_m in stops]
        return line + line[-2::-1], story.at_m - 105 - south
    near, far = _STORY_RING_M
    starts = site.roads.junctions(story.point, near + 40, far - 120)
    side = 1 if number == 1 else -1
    facing = [p for p in starts if (p[0] - story.point[0]) * side > 0] or starts
    best = max(
        (site.roads.stroll(rng, start, 900, (story.point, near, far)) for start in facing),
        key=length_m,
    )
    return best, 0.0


def place_cameras(
    rng: Random, site: PlacementMap, count: int
) -> list[tuple[DeviceRecord, CameraPlan]]:
    """The first two look at the story's cover from both sides, others each at one of its own."""
    views = [(site.story, side) for side in (-1, 1)]
    views += [(asset, rng.choice((-1, 1))) for asset in _watched(site, count - 2)]
    return [_camera(rng, site, number, *view) for number, view in enumerate(views[:count], 1)]


def _watched(site: PlacementMap, count: int) -> list[PlacedAsset]:
    """Covers in the road, nearest the centre first, far apart if there are enough."""
    covers = [
        a for a in site.assets if a.type in ("manhole_sewage", "manhole_rain", "manhole_water")
    ]
    covers.sort(key=lambda asset: math.hypot(*asset.point))
    chosen: list[PlacedAsset] = []
    for gap_m in (420.0, 150.0, 60.0, 0.0):
        for asset in covers:
            if len(chosen) >= count:
                return chosen
            others = [site.story, *chosen]
            if all(asset is not o and distance_m(asset.point, o.point) >= gap_m for o in others):
                chosen.append(asset)
    if len(chosen) < count:
        raise ValueError(f"only {len(chosen) + 2} cameras find a cover to look at, not {count + 2}")
    return chosen


def _camera(
    rng: Random, site: PlacementMap, number: int, asset: PlacedAsset, side: int
) -> tuple[DeviceRecord, CameraPlan]:
    room = length_m(asset.road)
    at_m = asset.at_m + side * rng.uniform(17.5, 20)
    if not 0 <= at_m <= room:
        at_m = asset.at_m - (at_m - asset.at_m)
    point = aside(asset.road, at_m, side * rng.uniform(5, 7))
    village = site.village_at(point)
    device_id = f"C-{number:03d}"
    row = DeviceRecord(
        device_id=device_id,
        kind="cameras",
        name_zh=f"{asset.name.zh.split('井盖')[0][:-2]}摄像头 {number:03d}",
        name_en=f"{asset.name.en.split(', ')[1]} camera {number:03d}",
        unit_key=village.unit_key,
        place=site.projection.to_degrees(point),
        coverage_m=COVERAGE_M,
        heading_deg=heading_deg(point, asset.point),
        gb28181_id=_gb28181(132, number),
    )
    seed = rng.randrange(1, 2**31)
    return row, CameraPlan(device_id=device_id, scene_seed=seed, asset_id=asset.asset_id)


def place_edges(cameras: Sequence[DeviceRecord]) -> list[DeviceRecord]:
    """One edge node for each eight cameras, in the village of the first of them."""
    edges = []
    for first in range(0, len(cameras), CAMERAS_PER_EDGE):
        own = cameras[first : first + CAMERAS_PER_EDGE]
        number = first // CAMERAS_PER_EDGE + 1
        edges.append(
            DeviceRecord(
                device_id=f"E-{number:02d}",
                kind="edges",
                name_zh=f"边缘节点 {number:02d}",
                name_en=f"Edge node {number:02d}",
                unit_key=own[0].unit_key,
                place=own[0].place,
                cameras=tuple(camera.device_id for camera in own),
            )
        )
    return edges


def prepare(territories: Territories) -> None:
    for village in territories.villages:
        shapely.prepare(village.area)
