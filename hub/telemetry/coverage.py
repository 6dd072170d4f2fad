"""Which villages were visited, for how long and by whom."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg.rows import TupleRow
from shapely.geometry import shape

from hub.db import Connection
from hub.telemetry.squares import cover
from hub.telemetry.store import SQL
from hub.telemetry.views import VillageView, VisitView

MOST_SQUARES = 200_000
"""Of one village; a whole district has a fifth of it."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """The pieces of all villages, as columns."""

    villages: list[str]
    squares: list[int]
    rings: list[str | None]


async def coverage(
    db: Connection, since: datetime, until: datetime, at_least_min: int
) -> list[VillageView]:
    """All villages by key, each with its visits, the longest first; shorter ones don't count.

    The span is in whole hours.
    """
    ground = await _ground(db)
    values = {
        "villages": ground.villages,
        "squares": ground.squares,
        "rings": ground.rings,
        "since": since,
        "until": until,
        "at_least_min": at_least_min,
    }
    visits: dict[str, list[VisitView]] = {}
    for village, device_id, first_at, last_at, minutes in await _rows(db, "coverage", values):
        visit = VisitView(device_id=device_id, first_at=first_at, last_at=last_at, minutes=minutes)
        visits.setdefault(village, []).append(visit)
    return [
        VillageView(
            unit_key=key,
            name_zh=zh,
            name_en=en,
            minutes=sum(visit.minutes for visit in visits.get(key, ())),
            visits=visits.get(key, []),
        )
        for key, zh, en in await _rows(db, "village_names")
    ]


async def _rows(
    db: Connection, query: str, values: Mapping[str, object] | None = None
) -> list[TupleRow]:
    return await (await db.execute(SQL[query], values)).fetchall()


async def _ground(db: Connection) -> _Ground:
    """Computed only when a boundary has changed: seconds of work, so in a thread of its own."""
    row = await (await db.execute(SQL["villages_content"])).fetchone()
    assert row is not None
    cache = _cache()
    if row[0] not in cache:
        villages = await (await db.execute(SQL["villages"])).fetchall()
        ground = await asyncio.to_thread(_cut, dict(villages))
        cache.clear()
        cache[row[0]] = ground
    return cache[row[0]]


@lru_cache(maxsize=1)
def _cache() -> dict[str, _Ground]:
    return {}


def _cut(boundaries: dict[str, dict[str, Any]]) -> _Ground:
    ground = _Ground([], [], [])
    for unit_key, boundary in boundaries.items():
        for piece in cover(shape(boundary), MOST_SQUARES):
            ground.villages.append(unit_key)
            ground.squares.append(piece.square)
            ground.rings.append(piece.polygon)
    return ground
