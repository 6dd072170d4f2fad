"""Whether a position is a fix, or what a receiver without satellites says."""

from enum import StrEnum

from hub.db import Connection, load_queries
from hub.errors import InvalidInput
from hub.geo.distance import BoundingBox, widened

SQL = load_queries(__file__)


class FixFault(StrEnum):
    """Why a position is no fix. It never becomes a place: nothing is found, joined or sent by it."""

    ZERO = "zero"
    """Longitude or latitude is exactly 0, as receivers say that have no satellites."""
    OUTSIDE = "outside"
    """It lies outside the district's bounds and the margin around them."""
    JUMP = "jump"
    """It is further from the terminal's last place than anybody walks or drives in the time between."""


def fix_fault(lon: float, lat: float, reach: BoundingBox | None) -> FixFault | None:
    """Why a position in WGS-84 is no fix; None if it is one. Pure.

    `reach` is where places of the district can lie; None if its bounds are unknown.
    """
    if lon == 0 or lat == 0:
        return FixFault.ZERO
    if reach is not None and not reach.contains(lon, lat):
        return FixFault.OUTSIDE
    return None


async def place_fault(db: Connection, lon: float, lat: float) -> FixFault | None:
    """Why a place is no place of the district; None if it is one."""
    return fix_fault(lon, lat, await load_reach(db))


async def require_place(db: Connection, lon: float, lat: float) -> None:
    """Raises InvalidInput if a place that somebody names is no place of the district."""
    if await place_fault(db, lon, lat) is not None:
        raise InvalidInput(
            f"{lon}, {lat} is no place of the district; choose one on the map", field="place"
        )


async def load_reach(db: Connection) -> BoundingBox | None:
    """Where places of the district can lie; None before a district is imported."""
    row = await (await db.execute(SQL["reach"])).fetchone()
    return None if row is None else reach_of(*row)


def reach_of(west: float, south: float, east: float, north: float, margin_m: float) -> BoundingBox:
    """The bounds of a district with its margin around them."""
    return widened(BoundingBox(west, south, east, north), margin_m)
