"""A made-up history, a day further back at a time, in a database of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic

from hub.db import Connection, load_queries, open_alone
from hub.telemetry.storage import maintenance
from hub.telemetry.storage.layout import StorageLayout, storage_state

SQL = load_queries(__file__)

_KEPT_DAYS = 3650
_COMPRESSED_AFTER = timedelta(days=3)


@dataclass(frozen=True)
class HistoryPlan:
    """What to fill, and when to stop: after the rows or the minutes, whichever come first."""

    terminals: int
    interval_s: int
    rows: int
    minutes: float
    asks: int

    @property
    def rows_of_a_day(self) -> int:
        return self.terminals * 24 * -(-3600 // self.interval_s)


@dataclass(frozen=True)
class Filled:
    """The days of history so far, and the seconds that it took to store and to roll up."""

    days: tuple[date, ...]
    rows: int
    store_s: float
    roll_up_s: float


async def fill(database_url: str, plan: HistoryPlan, now: datetime) -> AsyncIterator[Filled]:
    """Yields at 1, 2, 4, 8, ... days, rolled up and vacuumed, and at the end; whole days only."""
    deadline, store_s, roll_up_s = monotonic() + plan.minutes * 60, 0.0, 0.0
    days: list[date] = []
    most = max(1, plan.rows // plan.rows_of_a_day)
    while len(days) < most and monotonic() < deadline:
        days.append(now.date() - timedelta(days=len(days) + 1))
        began = monotonic()
        await _store_day(database_url, plan, days[-1])
        stored = monotonic()
        await maintenance.roll_up(database_url, now, _KEPT_DAYS)
        store_s, roll_up_s = store_s + stored - began, roll_up_s + monotonic() - stored
        is_last = len(days) == most or monotonic() >= deadline
        if is_last or len(days) & (len(days) - 1) == 0:
            await _settle(database_url, now)
            yield Filled(tuple(days), len(days) * plan.rows_of_a_day, store_s, roll_up_s)


async def prepare(database_url: str, plan: HistoryPlan, now: datetime) -> StorageLayout:
    """Register terminals and villages; returns how telemetry is kept."""
    async with open_alone(database_url, name="bench") as db:
        await db.execute(SQL["terminals"], (plan.terminals,))
        await db.execute(SQL["live"], {"at": now})
        await db.execute(SQL["villages"])
        await db.execute(SQL["village_boundaries"])
        return (await storage_state(db)).layout


async def _store_day(database_url: str, plan: HistoryPlan, day: date) -> None:
    midnight = datetime.combine(day, time(), UTC)
    await maintenance.maintain(database_url, midnight, _KEPT_DAYS)
    async with open_alone(database_url, name="bench") as db:
        for hour in range(24):
            await _store_hour(db, plan, day, midnight + timedelta(hours=hour))


async def _store_hour(db: Connection, plan: HistoryPlan, day: date, hour: datetime) -> None:
    values = {
        "terminals": plan.terminals,
        "interval_s": plan.interval_s,
        "day": day,
        "hour": hour.hour,
    }
    async with db.transaction():
        await db.execute(SQL["hour_of_history"], values)
        await db.execute("SELECT touch_hours(%s)", ([hour],))


async def _settle(database_url: str, now: datetime) -> None:
    """As time would: old chunks compressed, statistics known."""
    async with open_alone(database_url, name="bench") as db:
        if (await storage_state(db)).layout is StorageLayout.HYPERTABLE:
            await db.execute(SQL["compress"], (now - _COMPRESSED_AFTER,))
        await db.execute("VACUUM ANALYZE")
