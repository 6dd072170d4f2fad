"""Queries over positions; they are the same for both storage layouts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.db import Connection, load_queries
from hub.errors import NotFound
from hub.telemetry.columns import load_columns
from hub.telemetry.squares import Piece
from hub.telemetry.storage.layout import storage_state
from hub.telemetry.track import NO_FIXES, Fixes
from hub.telemetry.views import HourView, LatestView, OnlinePointView, StayView

SQL = load_queries(__file__)

LATE = timedelta(minutes=2)
"""A sample can arrive this long after it was observed, and so after the rollup of its hour."""


async def latest(db: Connection) -> list[LatestView]:
    """All terminals that have ever reported, by id."""
    async with db.cursor(row_factory=class_row(LatestView)) as cursor:
        return await (await cursor.execute(SQL["latest"])).fetchall()


async def fixes(db: Connection, device_id: str, since: datetime, until: datetime) -> Fixes:
    """A terminal's samples in the order of time. Raises NotFound if there is no such terminal."""
    await _must_be_terminal(db, device_id)
    async with db.cursor(binary=True) as cursor:
        load_columns(cursor)
        await cursor.execute(SQL["fixes"], (device_id, since, until))
        columns = await cursor.fetchone()
    return NO_FIXES if columns is None or columns[0] is None else Fixes(*columns)


async def hours(db: Connection, device_id: str, since: datetime, until: datetime) -> list[HourView]:
    """A terminal's hours that begin in the span. Raises NotFound if there is no such terminal."""
    await _must_be_terminal(db, device_id)
    async with db.cursor(row_factory=class_row(HourView)) as cursor:
        return await (await cursor.execute(SQL["hours"], (device_id, since, until))).fetchall()


async def within(
    db: Connection, pieces: Sequence[Piece], since: datetime, until: datetime
) -> list[StayView]:
    """The terminals that were within the pieces of an area in a span, in the order of arrival."""
    if not pieces:
        return []
    rolled_until = (await storage_state(db)).rolled_until
    values = {
        "squares": [piece.square for piece in pieces],
        "rings": [piece.polygon for piece in pieces],
        "since": since,
        "until": until,
        "hour": since.replace(minute=0, second=0, microsecond=0),
        "not_rolled": since if rolled_until is None else max(since, rolled_until - LATE),
    }
    async with db.cursor(row_factory=class_row(StayView)) as cursor:
        return await (await cursor.execute(SQL["within"], values)).fetchall()


async def online(
    db: Connection,
    since: datetime,
    until: datetime,
    step: timedelta,
    scope: Scope = WHOLE_DISTRICT,
) -> list[OnlinePointView]:
    """The points of a span, which must begin with a whole slot of five minutes."""
    values = {"since": since, "until": until, "step": step, **scope.facts}
    async with db.cursor(row_factory=class_row(OnlinePointView)) as cursor:
        return await (await cursor.execute(SQL["online"], values)).fetchall()


async def _must_be_terminal(db: Connection, device_id: str) -> None:
    if await (await db.execute(SQL["is_terminal"], (device_id,))).fetchone() is None:
        raise NotFound(f"there is no terminal {device_id}", device_id=device_id)
