"""Which villages were visited, for how long and by whom."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg.rows import TupleRow
from shapely.geometry import shape

from hub.db import Connection
from hub.telemetry.squares import cover
from hub.telemetry.store import SQL
from hub.telemetry.views import VillageView, VisitView

MOST_SQUARES = 200_000
"""Of one village; a whole district has a fifth of it."""


class _Piece(NamedTuple):
    """What a village has of a square; `ring` is None if that is all of it."""

    village: str
    square: int
    ring: str | None


async def coverage(
    db: Connection, since: datetime, until: datetime, at_least_min: int
) -> list[VillageView]:
    """All villages by key, each with its visits, the longest first; shorter ones don't count.

    The span is in whole hours.
    """
    span = {"since": since, "until": until}
    visited = {square for (square,) in await _rows(db, "visited_squares", span)}
    pieces = [each for each in await _ground(db) if each.square in visited] if visited else []
    values = span | {
        "villages": [each.village for each in pieces],
        "squares": [each.square for each in pieces],
        "rings": [each.ring for each in pieces],
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


async def _ground(db: Connection) -> list[_Piece]:
    """The pieces of all villages.

    Computed only when a boundary has changed: seconds of work, so in a thread of its own.
    """
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
def _cache() -> dict[str, list[_Piece]]:
    return {}


def _cut(boundaries: dict[str, dict[str, Any]]) -> list[_Piece]:
    return [
        _Piece(unit_key, piece.square, piece.polygon)
        for unit_key, boundary in boundaries.items()
        for piece in cover(shape(boundary), MOST_SQUARES)
    ]
