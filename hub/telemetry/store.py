"""What is asked of positions over time, the same of either form in which they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.errors import NotFound
from hub.telemetry.columns import load_columns
from hub.telemetry.keeping.form import kept_as
from hub.telemetry.squares import Piece
from hub.telemetry.track import NO_FIXES, Fixes

SQL = load_queries(__file__)
Row = TypeVar("Row")

LATE = timedelta(minutes=2)
"""What was observed this long before the rollups were brought up may have come after it."""


@dataclass(frozen=True, slots=True)
class Latest:
    """Where a terminal is, as far as is known."""

    device_id: str
    presence: str
    observed_at: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    battery: float | None


@dataclass(frozen=True, slots=True)
class Hour:
    """What a terminal said in an hour; `path_m` leaves out what may be the receiver's noise."""

    hour: datetime
    samples: int
    backlog_share: float
    first_at: datetime
    last_at: datetime
    path_m: float
    min_battery: float | None
    online_min: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Who was within an area: the first and last time, and how many different minutes."""

    device_id: str
    holder: str | None
    first_at: datetime
    last_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class OnlinePoint:
    """How many terminals were heard from `at` to the next point, on average, and how many there are."""

    at: datetime
    online: float
    registered: int


async def latest(db: Connection) -> list[Latest]:
    """All terminals that were ever heard, by id."""
    async with db.cursor(row_factory=class_row(Latest)) as cursor:
        return await (await cursor.execute(SQL["latest"])).fetchall()


async def fixes(db: Connection, device_id: str, since: datetime, until: datetime) -> Fixes:
    """A terminal's samples in their order. Raises NotFound where there is no such terminal."""
    await _must_be_terminal(db, device_id)
    async with db.cursor(binary=True) as cursor:
        load_columns(cursor)
        await cursor.execute(SQL["fixes"], (device_id, since, until))
        columns = await cursor.fetchone()
    return NO_FIXES if columns is None or columns[0] is None else Fixes(*columns)


async def hours(db: Connection, device_id: str, since: datetime, until: datetime) -> list[Hour]:
    """A terminal's hours that begin in the span. Raises NotFound where there is no such terminal."""
    await _must_be_terminal(db, device_id)
    async with db.cursor(row_factory=class_row(Hour)) as cursor:
        return await (await cursor.execute(SQL["hours"], (device_id, since, until))).fetchall()


async def within(
    db: Connection, pieces: Sequence[Piece], since: datetime, until: datetime
) -> list[Stay]:
    """Who was within the pieces of an area in a span, by when they were first."""
    if not pieces:
        return []
    rolled_until = (await kept_as(db)).rolled_until
    values = {
        "squares": [piece.square for piece in pieces],
        "rings": [piece.polygon for piece in pieces],
        "since": since,
        "until": until,
        "hour": since.replace(minute=0, second=0, microsecond=0),
        "not_rolled": since if rolled_until is None else max(since, rolled_until - LATE),
    }
    async with db.cursor(row_factory=class_row(Stay)) as cursor:
        return await (await cursor.execute(SQL["within"], values)).fetchall()


async def online(
    db: Connection, since: datetime, until: datetime, step: timedelta
) -> list[OnlinePoint]:
    """The points of a span that begins with a whole slot of five minutes."""
    values = {"since": since, "until": until, "step": step}
    async with db.cursor(row_factory=class_row(OnlinePoint)) as cursor:
        return await (await cursor.execute(SQL["online"], values)).fetchall()


async def _must_be_terminal(db: Connection, device_id: str) -> None:
    if await (await db.execute(SQL["is_terminal"], (device_id,))).fetchone() is None:
        raise NotFound(f"there is no terminal {device_id}", device_id=device_id)
