"""Assets of the town, each with an owner: covers, lamps and bins along its streets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from firmware_sim.district.names import NORTH_ROAD, Name
from firmware_sim.geometry import XY, along, distance_m, length_m

STORY_ASSET = "A-0172"
_COUNT = 640
_CLEAR_M = 34.0
"""No other asset lies this near to the story's cover, so that its owner is beyond doubt."""
_REACH_M = 3_000.0
_STORY_FROM_CENTRE_M = 560.0


@dataclass(frozen=True)
class _Kind:
    type: str
    owner: str
    name: Name
    share: float
    aside_m: float


_KINDS = (
    _Kind("manhole_sewage", "housing_bureau", Name("污水井盖", "Sewage manhole cover"), 20, 1.5),
    _Kind("manhole_rain", "housing_bureau", Name("雨水井盖", "Storm drain cover"), 16, 3.0),
    _Kind(
        "manhole_water", "water_affairs", Name("自来水井盖", "Water supply manhole cover"), 10, 2.5
    ),
    _Kind("manhole_power", "power_supply", Name("电力井盖", "Power manhole cover"), 7, 5.0),
    _Kind("manhole_telecom", "telecom", Name("通信井盖", "Telecom manhole cover"), 9, 5.0),
    _Kind("manhole_gas", "gas", Name("燃气井盖", "Gas manhole cover"), 5, 4.0),
    _Kind("streetlight", "urban_management", Name("路灯", "Street light"), 18, 7.0),
    _Kind("bin", "sanitation", Name("垃圾箱", "Litter bin"), 15, 7.5),
)


@dataclass(frozen=True)
class PlacedAsset:
    """`at_m` is how far along its road's line it lies; `point` is in metres of the local projection."""

    asset_id: str
    type: str
    owner: str
    name: Name
    road: tuple[XY, ...]
    at_m: float
    point: XY


@dataclass(frozen=True)
class NamedLine:
    """A road after the bend, in metres."""

    name: Name
    line: tuple[XY, ...]


def place_assets(rng: Random, roads: Sequence[NamedLine]) -> list[PlacedAsset]:
    """Numbered assets along the town's streets; A-0172 lies on Yulin North Road."""
    story = _story_spot(roads)
    spots = [spot for road in roads for spot in _spots(rng, road) if _free(spot[2], story[2])]
    spots.sort(key=lambda spot: spot[2])
    rng.shuffle(spots)
    story_number = int(STORY_ASSET.removeprefix("A-"))
    chosen = spots[: max(_COUNT, story_number) - 1]
    assets = [
        _asset(number, *spot, rng.choices(_KINDS, [kind.share for kind in _KINDS])[0])
        for number, spot in enumerate(chosen, 1)
        if number < story_number
    ]
    assets.append(_asset(story_number, *story, _KINDS[0]))
    assets += [
        _asset(number, *spot, rng.choices(_KINDS, [kind.share for kind in _KINDS])[0])
        for number, spot in enumerate(chosen[story_number - 1 :], story_number + 1)
    ]
    return assets


def aside(road: Sequence[XY], at_m: float, metres: float) -> XY:
    """The point to the right of a road (negative: left), at a distance along it."""
    (x, y), heading = along(road, at_m)
    right = math.radians(heading + 90)
    return x + metres * math.sin(right), y + metres * math.cos(right)


def _asset(number: int, road: NamedLine, at_m: float, _: XY, kind: _Kind) -> PlacedAsset:
    side = 1 if number % 2 else -1
    asset_id = f"A-{number:04d}"
    title = Name(
        f"{road.name.zh}{kind.name.zh} {asset_id}", f"{kind.name.en} {asset_id}, {road.name.en}"
    )
    point = aside(road.line, at_m, side * kind.aside_m)
    return PlacedAsset(asset_id, kind.type, kind.owner, title, road.line, at_m, point)


def _spots(rng: Random, road: NamedLine) -> list[tuple[NamedLine, float, XY]]:
    total, at_m, spots = length_m(road.line), rng.uniform(12, 40), []
    while at_m < total - 12:
        point, _ = along(road.line, at_m)
        thinning = math.hypot(*point) / _REACH_M
        if rng.random() > thinning:
            spots.append((road, at_m, point))
        at_m += rng.uniform(24, 60)
    return spots


def _free(point: XY, story: XY) -> bool:
    return math.hypot(*point) < _REACH_M and distance_m(point, story) > _CLEAR_M + 8


def _story_spot(roads: Sequence[NamedLine]) -> tuple[NamedLine, float, XY]:
    """Mid-block on Yulin North Road, a little north of the centre."""
    (road,) = [road for road in roads if road.name == NORTH_ROAD][:1]
    junctions = {p for other in roads if other.name != NORTH_ROAD for p in other.line}
    stops = [n for n, p in enumerate(road.line) if p in junctions]
    fars = [length_m(road.line[: n + 1]) for n in stops]
    blocks = [(a, b) for a, b in pairwise(fars) if b - a > 90]
    a, b = min(blocks, key=lambda block: abs(sum(block) / 2 - _STORY_FROM_CENTRE_M))
    at_m = (a + b) / 2
    return road, at_m, along(road.line, at_m)[0]
