"""What helps to file by hand: places by name, and open cases that may be about the same thing."""

from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row, dict_row
from pydantic import BaseModel

from hub.accounts.account import Account
from hub.accounts.sight import sees_case, visible_devices
from hub.casefile.filing import case_to_reopen
from hub.casefile.store import SQL
from hub.cases import State
from hub.catalogue import Severity
from hub.db import Connection
from hub.geo.distance import box_around, distance_m
from hub.geo.place import Spot
from hub.signals.settling import matter

NEAR_M = 80.0
MOST_NEAR = 8


class PlaceKind(StrEnum):
    ROAD = "road"
    ASSET = "asset"
    TERMINAL = "terminal"


class NamedPlace(BaseModel):
    """`error_m` of a road is half of what it spans. `observed_at`: when the terminal was there."""

    kind: PlaceKind
    key: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    error_m: float
    observed_at: datetime | None


class NamedPlaceList(BaseModel):
    items: list[NamedPlace]


class NearbyOpenCase(BaseModel):
    """`same_item`: it is of the item that is asked about, and so most likely the same thing."""

    case_id: int
    case_no: str
    item_key: str
    title_zh: str
    title_en: str
    state: State
    severity: Severity
    asset_id: str | None
    filed_at: datetime
    text: str
    same_item: bool
    distance_m: float


class ReopenableCase(BaseModel):
    """A case that was closed within a week at a place: filing the same there reopens it."""

    case_id: int
    case_no: str
    closed_at: datetime


class NearbyOpenCaseList(BaseModel):
    """`reopens` is known if the item is."""

    items: list[NearbyOpenCase]
    reopens: ReopenableCase | None


async def places_named(db: Connection, account: Account, text: str) -> list[NamedPlace]:
    """Roads, assets, and terminals that the account sees, by a part of their names."""
    word = text.strip()
    if not word:
        return []
    literal = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    async with db.cursor(row_factory=class_row(NamedPlace)) as cursor:
        await cursor.execute(SQL["places_named"], {"like": f"%{literal}%", "begins": f"{literal}%"})
        found = await cursor.fetchall()
    terminals = {each.key for each in found if each.kind is PlaceKind.TERMINAL}
    seen = await visible_devices(db, account.scope, terminals)
    return [each for each in found if each.key not in terminals or each.key in seen]


async def closed_case_at(
    db: Connection,
    account: Account,
    item_key: str,
    spot: Spot,
    asset_id: str | None,
    now: datetime,
) -> ReopenableCase | None:
    """The closed case that the account sees and that filing an item at a place would reopen."""
    item, _ = await matter(db, item_key, None)
    found = None if item is None else await case_to_reopen(db, item, spot, asset_id, now)
    if found is None or not await sees_case(db, account, found.case_id):
        return None
    assert found.closed_at is not None
    return ReopenableCase(case_id=found.case_id, case_no=found.case_no, closed_at=found.closed_at)


async def open_cases_near(
    db: Connection, account: Account, lon: float, lat: float, item_key: str | None
) -> list[NearbyOpenCase]:
    """Open cases within NEAR_M that the account sees: those of the item first, then the nearest."""
    box = box_around(lon, lat, NEAR_M)
    edges = {"west": box.west, "east": box.east, "south": box.south, "north": box.north}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            SQL["open_cases_near"], account.scope.facts | edges | {"item_key": item_key}
        )
        rows = await cursor.fetchall()
    found = [
        NearbyOpenCase(**row, distance_m=distance_m(row["lon"], row["lat"], lon, lat))
        for row in rows
    ]
    near = [each for each in found if each.distance_m <= NEAR_M]
    return sorted(near, key=lambda each: (not each.same_item, each.distance_m))[:MOST_NEAR]
