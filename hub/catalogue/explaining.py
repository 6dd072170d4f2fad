"""Explain what would happen to an issue at a place: who answers for it, why, and until when."""

from dataclasses import dataclass
from datetime import datetime

from hub.catalogue.item import CatalogueItem, Condition
from hub.catalogue.routing import Routing, route
from hub.catalogue.store import SQL, current_version, find_item
from hub.clock import local_date
from hub.db import Connection
from hub.deadlines import Deadline, due_at, load_calendar
from hub.errors import InvalidInput
from hub.geo.fix import require_place
from hub.geo.place import Spot

MAX_ERROR_M = 100_000.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an issue would become if it were filed now.

    `unit_names` has the Chinese and English name of each unit that is named. `deadline` is that of
    the first step if the condition has steps.
    """

    version: int
    item: CatalogueItem
    condition: Condition
    routing: Routing
    unit_names: dict[str, tuple[str, str]]
    deadline: Deadline


async def explain(
    db: Connection, item_key: str, cond_key: str, spot: Spot, now: datetime
) -> Explanation:
    """The routing and the deadline of an issue; nothing is written.

    Raises InvalidInput for an item that is unknown or out of force, an unknown condition, or a place
    that is not one of the district, and Unavailable before the first import.
    """
    version = await current_version(db)
    item, condition = await _subject(db, version, item_key, cond_key, now)
    if not 0 <= spot.error_m <= MAX_ERROR_M:
        raise InvalidInput(f"an error radius is 0 to {MAX_ERROR_M:.0f} m", field="error_m")
    if not (-180 <= spot.lon <= 180 and -90 <= spot.lat <= 90):
        raise InvalidInput(f"{spot.lon}, {spot.lat} is no longitude and latitude", field="place")
    await require_place(db, spot.lon, spot.lat)
    routing = await route(db, item, spot, now, cond_key=cond_key)
    limit = condition.limit
    calendar = await load_calendar(db, now)
    named = [routing.lead_unit, routing.territory_unit, *routing.assist_units]
    known = await (await db.execute(SQL["unit_names"])).fetchall()
    return Explanation(
        version,
        item,
        condition,
        routing,
        {key: (zh, en) for key, zh, en in known if key in named},
        due_at(now, limit.type, limit.value, limit.policy, calendar),
    )


async def _subject(
    db: Connection, version: int, item_key: str, cond_key: str, now: datetime
) -> tuple[CatalogueItem, Condition]:
    item = await find_item(db, version, item_key)
    if item is None:
        raise InvalidInput(f"the catalogue has no item {item_key}", field="item_key")
    condition = item.condition(cond_key)
    if condition is None:
        known = ", ".join(each.cond_key for each in item.conditions)
        raise InvalidInput(f"{item_key} has only the conditions {known}", field="cond_key")
    if (why := item.out_of_force(local_date(now))) is not None:
        raise InvalidInput(f"{why}; choose another item", field="item_key")
    return item, condition
