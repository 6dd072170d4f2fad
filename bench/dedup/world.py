"""A simulated week with ground truth: faults of a district, and what its sources say of them. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hub.geo.distance import METRES_PER_DEGREE

MONDAY = datetime.fromisoformat("2025-08-04T00:00:00+08:00")
WEEK = timedelta(days=7)
LON, LAT = 103.82, 25.60
METRE_EAST = 1 / 100_420
METRE_NORTH = 1 / METRES_PER_DEGREE
BLOCK_M = 260.0
"""Between the crossings of streets; each block is a scene of its own."""


class Teller(StrEnum):
    """Who tells of a fault."""

    CAMERA = "camera"
    TERMINAL = "terminal"
    HOTLINE = "hotline"


@dataclass(frozen=True, slots=True)
class Hardness:
    """How hard the week is. Distances in metres, the rest are shares.

    `errors`: how much worse positions are than a source says, in standard deviations of its stated
    radius. `displaced`: signals whose place is wrong by several times that. `beside`: faults that have
    another one of the same item nearby at the same time, `beside_m` away at least. `late`: signals that
    come hours after they were seen. `again`: faults that come back within days of their repair.
    """

    errors: float = 0.5
    displaced: float = 0.03
    beside: float = 0.3
    beside_m: float = 40.0
    late: float = 0.15
    again: float = 0.15
    density: float = 1.0

    def times(self, factor: float) -> "Hardness":
        """A world that is so many times harder; 1 is the usual one."""
        return replace(
            self,
            errors=self.errors * factor,
            displaced=min(self.displaced * factor * factor, 0.5),
            beside=min(self.beside * factor, 0.9),
            beside_m=self.beside_m / factor,
            late=min(self.late * factor, 0.6),
            again=min(self.again * factor, 0.5),
            density=self.density * factor,
        )


@dataclass(frozen=True, slots=True)
class FaultKind:
    """An item with the classes and conditions by which it is told of."""

    item_key: str
    cond_key: str
    label: str | None
    has_assets: bool
    share: float


MATTERS = (
    FaultKind("manhole_cover", "broken", "manhole_broken", True, 0.35),
    FaultKind("manhole_cover", "missing_or_hazard", "manhole_open", True, 0.1),
    FaultKind("road_pothole", "pothole", "pothole", False, 0.2),
    FaultKind("exposed_garbage", "exposed", "garbage", False, 0.25),
    FaultKind("bin_overflow", "overflowing", "bin_overflow", True, 0.1),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is, in metres east and north of the middle. `truth` names what must be one case."""

    truth: int
    matter: FaultKind
    x: float
    y: float
    asset_id: str | None
    begins: datetime
    repaired: datetime | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one source says of a fault: where and when it thinks it was, and when that arrives."""

    truth: int
    matter: FaultKind
    teller: Teller
    source_id: str
    identity: str
    x: float
    y: float
    error_m: float
    observed_at: datetime
    arrives_at: datetime
    has_photo: bool


@dataclass(frozen=True, slots=True)
class Asset:
    asset_id: str
    type: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SimulatedWeek:
    assets: tuple[Asset, ...]
    cameras: tuple[tuple[str, float, float], ...]
    terminals: tuple[str, ...]
    faults: tuple[Fault, ...]
    sights: tuple[Sight, ...]


def build(seed: int, faults: int, hardness: Hardness) -> SimulatedWeek:
    """The same world for the same arguments."""
    rng = random.Random(seed)
    side = max(int((faults / hardness.density) ** 0.5) + 1, 3)
    blocks = [(column, row) for column in range(side) for row in range(side)]
    assets = tuple(each for block in blocks for each in _assets(rng, block, side))
    cameras = tuple(
        (f"C-{number:03d}", *_middle(block, side)) for number, block in enumerate(blocks, start=1)
    )
    terminals = tuple(f"T-{number:04d}" for number in range(1, side * 4 + 1))
    made = tuple(_faults(rng, blocks, side, assets, faults, hardness))
    world = SimulatedWeek(assets, cameras, terminals, made, ())
    sights = [sight for fault in made for sight in _sights(rng, world, fault, hardness)]
    return replace(world, sights=tuple(sorted(sights, key=lambda each: each.arrives_at)))


def _middle(block: tuple[int, int], side: int) -> tuple[float, float]:
    column, row = block
    return (column - side / 2) * BLOCK_M, (row - side / 2) * BLOCK_M


def _assets(rng: random.Random, block: tuple[int, int], side: int) -> Iterator[Asset]:
    """Covers and bins along the street of a block, ten to forty metres apart."""
    x0, y0 = _middle(block, side)
    x = -90.0
    number = 0
    while x < 90:
        number += 1
        kind = rng.choices(
            ("manhole_sewage", "manhole_rain", "manhole_power", "bin"), (4, 3, 2, 2)
        )[0]
        name = f"A-{block[0]:02d}{block[1]:02d}-{number:02d}"
        yield Asset(name, kind, x0 + x, y0 + rng.uniform(-8, 8))
        x += rng.uniform(10, 40)


def _faults(
    rng: random.Random,
    blocks: list[tuple[int, int]],
    side: int,
    assets: tuple[Asset, ...],
    count: int,
    hardness: Hardness,
) -> Iterator[Fault]:
    truth = 0
    taken: set[str] = set()
    while truth < count:
        block = rng.choice(blocks)
        matter = rng.choices(MATTERS, [each.share for each in MATTERS])[0]
        first = _place(rng, block, side, assets, matter, taken)
        if first is None:
            continue
        begins = MONDAY + timedelta(hours=rng.uniform(0, 130))
        for fault in _with_neighbour(rng, first, matter, assets, taken, begins, hardness):
            truth += 1
            numbered = replace(fault, truth=truth)
            yield numbered
            if numbered.repaired is not None and rng.random() < hardness.again:
                again = numbered.repaired + timedelta(hours=rng.uniform(12, 60))
                if again < MONDAY + WEEK:
                    # Within a week it is the same case, which is reopened.
                    yield replace(numbered, begins=again, repaired=None)


def _place(
    rng: random.Random,
    block: tuple[int, int],
    side: int,
    assets: tuple[Asset, ...],
    matter: FaultKind,
    taken: set[str],
) -> tuple[float, float, str | None] | None:
    if not matter.has_assets:
        x0, y0 = _middle(block, side)
        return x0 + rng.uniform(-90, 90), y0 + rng.uniform(-15, 15), None
    x0, y0 = _middle(block, side)
    wanted = [
        each
        for each in assets
        if (each.type == "bin") is (matter.item_key == "bin_overflow")
        and abs(each.x - x0) <= 100
        and abs(each.y - y0) <= 20
        and each.asset_id not in taken
    ]
    if not wanted:
        return None
    asset = rng.choice(wanted)
    taken.add(asset.asset_id)
    return asset.x, asset.y, asset.asset_id


def _with_neighbour(
    rng: random.Random,
    first: tuple[float, float, str | None],
    matter: FaultKind,
    assets: tuple[Asset, ...],
    taken: set[str],
    begins: datetime,
    hardness: Hardness,
) -> Iterator[Fault]:
    x, y, asset_id = first
    yield Fault(0, matter, x, y, asset_id, begins, _repaired(rng, begins))
    if rng.random() >= hardness.beside:
        return
    later = begins + timedelta(hours=rng.uniform(0, 20))
    if not matter.has_assets:
        away = rng.uniform(hardness.beside_m, hardness.beside_m * 2)
        yield Fault(0, matter, x + away, y + rng.uniform(-3, 3), None, later, _repaired(rng, later))
        return
    near = [
        each
        for each in assets
        if (each.type == "bin") is (matter.item_key == "bin_overflow")
        and each.asset_id not in taken
        and hardness.beside_m / 2 <= abs(each.x - x) <= hardness.beside_m * 2
        and abs(each.y - y) < 20
    ]
    if near:
        other = rng.choice(near)
        taken.add(other.asset_id)
        yield Fault(0, matter, other.x, other.y, other.asset_id, later, _repaired(rng, later))


def _repaired(rng: random.Random, begins: datetime) -> datetime | None:
    at = begins + timedelta(hours=rng.uniform(10, 60))
    return at if rng.random() < 0.6 and at < MONDAY + WEEK - timedelta(hours=24) else None


def _sights(
    rng: random.Random, world: SimulatedWeek, fault: Fault, hardness: Hardness
) -> Iterator[Sight]:
    ends = min(fault.repaired or MONDAY + WEEK, MONDAY + WEEK)
    span = (ends - fault.begins) / timedelta(hours=1)
    if span <= 1:
        return
    told = [
        *[Teller.CAMERA] * rng.choices((0, 1, 2, 3), (2, 3, 3, 2))[0],
        *[Teller.TERMINAL] * rng.choices((0, 1, 2, 3), (2, 4, 3, 1))[0],
        *[Teller.HOTLINE] * rng.choices((0, 1, 2), (6, 3, 1))[0],
    ] or [Teller.TERMINAL]
    for number, teller in enumerate(told):
        seen = fault.begins + timedelta(hours=rng.uniform(0, min(span * 0.9, 40)))
        yield _sight(rng, world, fault, hardness, teller, seen, number)


_STATED = {Teller.CAMERA: (2, 6), Teller.TERMINAL: (4, 18), Teller.HOTLINE: (15, 35)}
"""The error radii that the sources say, in metres."""


def _sight(
    rng: random.Random,
    world: SimulatedWeek,
    fault: Fault,
    hardness: Hardness,
    teller: Teller,
    seen: datetime,
    number: int,
) -> Sight:
    stated = rng.uniform(*_STATED[teller])
    spread = stated * hardness.errors
    if rng.random() < hardness.displaced:
        spread *= 3
    delay = timedelta(seconds=rng.uniform(1, 60))
    if rng.random() < hardness.late:
        delay = timedelta(hours=rng.uniform(1, 18))
    return Sight(
        truth=fault.truth,
        matter=fault.matter,
        teller=teller,
        source_id=_source(rng, world, fault, teller),
        identity=f"{fault.truth}-{fault.begins:%d%H%M}-{number}",
        x=fault.x + rng.gauss(0, spread / 2**0.5),
        y=fault.y + rng.gauss(0, spread / 2**0.5),
        error_m=stated,
        observed_at=seen,
        arrives_at=seen + delay,
        has_photo=teller is not Teller.HOTLINE or rng.random() < 0.5,
    )


def _source(rng: random.Random, world: SimulatedWeek, fault: Fault, teller: Teller) -> str:
    if teller is Teller.CAMERA:
        near = sorted(
            world.cameras, key=lambda each: abs(each[1] - fault.x) + abs(each[2] - fault.y)
        )
        return near[0][0]
    return rng.choice(world.terminals) if teller is Teller.TERMINAL else "hotline"
