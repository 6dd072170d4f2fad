"""Which villages were visited, how long and by whom."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg.rows import class_row
from shapely.geometry import shape

from hub.db import Connection
from hub.telemetry.squares import cover
from hub.telemetry.store import SQL

MOST_SQUARES = 200_000
"""Of one village; a whole district has a fifth of it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A terminal in a village: `minutes` are different ones."""

    village: str
    device_id: str
    first_at: datetime
    last_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Village:
    """The visits of a span, the longest first; none means that nobody came."""

    unit_key: str
    name_zh: str
    name_en: str
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class _Ground:
    """The pieces of all villages, as columns."""

    villages: list[str]
    squares: list[int]
    rings: list[str | None]


async def coverage(
    db: Connection, since: datetime, until: datetime, at_least_min: int
) -> list[Village]:
    """All villages, by key; the span is in whole hours, and shorter visits than told don't count."""
    ground = await _ground(db)
    values = {
        "villages": ground.villages,
        "squares": ground.squares,
        "rings": ground.rings,
        "since": since,
        "until": until,
        "at_least_min": at_least_min,
    }
    async with db.cursor(row_factory=class_row(Visit)) as cursor:
        visits = await (await cursor.execute(SQL["coverage"], values)).fetchall()
    by_village: dict[str, list[Visit]] = {}
    for visit in visits:
        by_village.setdefault(visit.village, []).append(visit)
    names = await (await db.execute(SQL["village_names"])).fetchall()
    return [Village(key, zh, en, tuple(by_village.get(key, ()))) for key, zh, en in names]


async def _ground(db: Connection) -> _Ground:
    """Cut anew only where the villages' boundaries have changed; seconds of work, so not in the loop."""
    row = await (await db.execute(SQL["villages_content"])).fetchone()
    assert row is not None
    kept = _kept()
    if row[0] not in kept:
        villages = await (await db.execute(SQL["villages"])).fetchall()
        made = await asyncio.to_thread(_cut, dict(villages))
        kept.clear()
        kept[row[0]] = made
    return kept[row[0]]


@lru_cache(maxsize=1)
def _kept() -> dict[str, _Ground]:
    return {}


def _cut(boundaries: dict[str, dict[str, Any]]) -> _Ground:
    ground = _Ground([], [], [])
    for unit_key, boundary in boundaries.items():
        for piece in cover(shape(boundary), MOST_SQUARES):
            ground.villages.append(unit_key)
            ground.squares.append(piece.square)
            ground.rings.append(piece.polygon)
    return ground
