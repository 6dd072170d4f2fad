"""Whether an issue already has a case, judged by place, asset and time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, floor, log, radians, sqrt

from psycopg.rows import class_row

from hub.cases.case import OPEN, REOPENS_WITHIN, Case, State
from hub.cases.store import SQL, find_case, lock_cells
from hub.catalogue import CatalogueItem, place_of_asset
from hub.db import Connection
from hub.geo.distance import METRES_PER_DEGREE, box_around, distance_m
from hub.geo.place import Spot

ALARM_KEY = "alarm|"
"""The keys of alarms begin with this. Each is a case of its own, which nothing joins by its place."""
LINKS_WITHIN = timedelta(days=30)
CLEARLY_NEARER_M = 10.0
"""By so much a closed case must be nearer than an open one for an issue to mean it."""
CLEARLY_LIKELIER = log(0.6 / 0.4)
"""By so much a case must fit an issue better than the one that it is in, in logarithms of the likelihood."""
ASSET_ERROR_M = 3.0
"""How exactly the places of assets are registered."""
MAX_ERROR_M = 100.0
"""A larger error radius doesn't make more places the same."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A case near an issue, where that is known best, with the facts that show whether both are the same.

    `sights` signals place it within the item's radius; `stray_m` is how far the farthest of these is from
    the best place, beyond what both may be off.
    """

    case_id: int
    lon: float
    lat: float
    error_m: float
    asset_id: str | None
    dedup_key: str
    state: str
    closed_at: datetime | None
    occurred_at: datetime
    last_seen_at: datetime
    sights: int = 0
    stray_m: float = 0.0

    def distance_m(self, spot: Spot) -> float:
        return distance_m(spot.lon, spot.lat, self.lon, self.lat)

    def extent_m(self, radius_m: float) -> float:
        """How far the fault may reach from the best place of the case.

        One sight leaves the whole radius of the item open; of several, each shows more of it.
        """
        return min(max(radius_m / max(self.sights, 1), self.stray_m), radius_m)


@dataclass(frozen=True, slots=True)
class LocatedIssue:
    """An issue of an item seen at a place; `asset_id` if it is clear which asset it is."""

    item: CatalogueItem
    spot: Spot
    asset_id: str | None
    observed_at: datetime

    @property
    def key(self) -> str:
        return dedup_key(self.item, self.asset_id, self.spot)

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.item.dedup.window_h)


def dedup_key(item: CatalogueItem, asset_id: str | None, spot: Spot) -> str:
    """Item and asset, or item and cell. Places in one cell are within the item's radius."""
    if asset_id is not None:
        return f"{item.item_key}|asset|{asset_id}"
    side = item.dedup.radius_m / sqrt(2) / METRES_PER_DEGREE
    row = floor(spot.lat / side)
    column = floor(spot.lon * cos(radians(row * side)) / side)
    return f"{item.item_key}|cell|{item.dedup.radius_m:g}|{row}|{column}"


def key_apart(key: str, case_no: str) -> str:
    """The key of a case that a person has told apart from an open one of the same key."""
    return f"{key}|apart|{case_no}"


def alarm_key(device_id: str, signal_id: int) -> str:
    """The key of an alarm's case: of one terminal and one call."""
    return f"{ALARM_KEY}{device_id}|{signal_id}"


def best_match(issue: LocatedIssue, neighbours: Sequence[Neighbour]) -> Neighbour | None:
    """The neighbour that the issue means: the same asset first, then the likeliest.

    Of equals, the first in the order given.
    """
    ranked = [
        (rank, neighbour)
        for neighbour in neighbours
        if (rank := _unlikeness(issue, neighbour)) is not None
    ]
    return min(ranked, key=lambda each: each[0])[1] if ranked else None


def _unlikeness(issue: LocatedIssue, neighbour: Neighbour) -> tuple[int, float] | None:
    """Smaller is more alike; None if they are not the same."""
    if issue.asset_id is not None and neighbour.asset_id is not None:
        same_asset = issue.asset_id == neighbour.asset_id
        return (0, misfit(issue, neighbour)) if same_asset else None
    if issue.key != neighbour.dedup_key:
        spot = issue.spot
        radius = issue.item.dedup.radius_m
        errors = min(spot.error_m, MAX_ERROR_M) + min(neighbour.error_m, MAX_ERROR_M)
        near = neighbour.extent_m(radius) + errors
        reach = max(radius, errors) if _is_later(issue, neighbour) else near
        if neighbour.distance_m(spot) > reach:
            return None
    return (1, misfit(issue, neighbour))


def misfit(issue: LocatedIssue, neighbour: Neighbour) -> float:
    """How badly a case fits an issue: by place, against what both may be off, and by time.

    The negative logarithm of a likelihood: normal in the place, as for assets (1.5 sigma), and falling by
    the factor e with each window between the issue and the time in which the case was seen.
    """
    own, its = (min(each.error_m, MAX_ERROR_M) for each in (issue.spot, neighbour))
    variance = (own**2 + its**2) / 1.5**2 + (neighbour.extent_m(issue.item.dedup.radius_m) / 2) ** 2
    apart = neighbour.distance_m(issue.spot)
    idle = max(
        neighbour.occurred_at - issue.observed_at,
        issue.observed_at - neighbour.last_seen_at,
        timedelta(),
    )
    return apart**2 / (2 * variance) + log(variance) + idle / issue.window


def fits_better(issue: LocatedIssue, here: Neighbour, there: Neighbour) -> bool:
    """Whether an issue may be that of the case `here`, and clearly is so rather than that of `there`."""
    if _unlikeness(issue, here) is None:
        return False
    return misfit(issue, here) + CLEARLY_LIKELIER < misfit(issue, there)


def _is_later(issue: LocatedIssue, neighbour: Neighbour) -> bool:
    """Whether the issue was seen after the case was closed, or long after it was seen last.

    Then only the very same place makes it that one.
    """
    closed = neighbour.closed_at is not None and issue.observed_at > neighbour.closed_at
    return closed or issue.observed_at > neighbour.last_seen_at + issue.window


def cells_around(item: CatalogueItem, spot: Spot) -> frozenset[str]:
    """Names of at most four cells of the item's grid around a place.

    Two places at which the same issue can be seen have a cell in common: cells are as wide as two
    such places can be apart, and those of a place are the ones that a square of this width around it
    touches.
    """
    side = (item.dedup.radius_m + 2 * MAX_ERROR_M) * 1.01 / METRES_PER_DEGREE
    cells = set()
    for row in {floor(spot.lat / side + half) for half in (-0.5, 0.5)}:
        # By the latitude that is a row nearer to the pole, so that no degree of longitude is shorter.
        nearer_the_pole = (max(abs(row), abs(row + 1)) + 1) * side
        width = side / max(cos(radians(min(nearer_the_pole, 90.0))), 0.01)
        cells |= {f"{item.item_key}|{row}|{floor(spot.lon / width + h)}" for h in (-0.5, 0.5)}
    return frozenset(cells)


async def lock_place(db: Connection, item: CatalogueItem, spot: Spot) -> None:
    """Hold back filings of the item at and around a place until the end of the transaction."""
    await lock_cells(db, cells_around(item, spot))


async def find_same(
    db: Connection, issue: LocatedIssue, apart_from: frozenset[int] = frozenset()
) -> Case | None:
    """The open case that an issue belongs to, or else the newest one closed within LINKS_WITHIN.

    `apart_from` are cases of which a person has said that they are something else.
    Call it under `lock_place`; the cases looked at stay locked.
    """
    issue = await at_its_asset(db, issue)
    near = await _neighbours(db, issue)
    neighbours = [each for each in near if each.case_id not in apart_from]
    match = best_match(issue, [each for each in neighbours if each.state in OPEN])
    closed = _closed_match(issue, neighbours)
    if match is None or (closed is not None and _means_closed(issue, match, closed)):
        match = closed
    return None if match is None else await find_case(db, match.case_id)


def _means_closed(issue: LocatedIssue, opened: Neighbour, closed: Neighbour) -> bool:
    """Whether an issue is that of a case closed lately rather than that of an open one beside it.

    The closed one must be clearly nearer, and the open one not at the issue's asset.
    """
    assert closed.closed_at is not None
    if issue.observed_at - closed.closed_at > REOPENS_WITHIN:
        return False
    if issue.asset_id is not None and issue.asset_id == opened.asset_id:
        return False
    spot = issue.spot
    return closed.distance_m(spot) + CLEARLY_NEARER_M < opened.distance_m(spot)


async def at_its_asset(db: Connection, issue: LocatedIssue) -> LocatedIssue:
    """The issue at the place of its asset, if that is known: no source is as exact."""
    if issue.asset_id is None:
        return issue
    place = await place_of_asset(db, issue.asset_id)
    return issue if place is None else replace(issue, spot=Spot(*place, ASSET_ERROR_M))


async def find_closed(
    db: Connection, issue: LocatedIssue, apart_from: frozenset[int] = frozenset()
) -> Case | None:
    """The case closed within LINKS_WITHIN that an issue is a recurrence of, or None.

    The cases looked at stay locked.
    """
    issue = await at_its_asset(db, issue)
    near = await _neighbours(db, issue)
    match = _closed_match(issue, [each for each in near if each.case_id not in apart_from])
    return None if match is None else await find_case(db, match.case_id)


def _closed_match(issue: LocatedIssue, neighbours: Sequence[Neighbour]) -> Neighbour | None:
    closed = [each for each in neighbours if each.state == State.CLOSED]
    return best_match(issue, sorted(closed, key=lambda each: -each.case_id))


async def open_case_with_key(db: Connection, key: str) -> Case | None:
    """The open case with exactly this key; there is at most one."""
    row = await (await db.execute(SQL["open_with_key"], (key,))).fetchone()
    return None if row is None else await find_case(db, row[0])


async def _neighbours(db: Connection, issue: LocatedIssue) -> list[Neighbour]:
    item, spot = issue.item, issue.spot
    box = box_around(spot.lon, spot.lat, item.dedup.radius_m + 2 * MAX_ERROR_M)
    facts = {
        "item_key": item.item_key,
        "alarm_key": ALARM_KEY,
        "dedup_key": issue.key,
        "radius_m": item.dedup.radius_m,
        "metres_per_degree": METRES_PER_DEGREE,
        "asset_id": issue.asset_id,
        "asset_error_m": ASSET_ERROR_M,
        "observed_at": issue.observed_at,
        "window": issue.window,
        "closed_since": issue.observed_at - LINKS_WITHIN,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    async with db.cursor(row_factory=class_row(Neighbour)) as cursor:
        await cursor.execute(SQL["nearby"], facts)
        return await cursor.fetchall()
