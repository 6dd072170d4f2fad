"""The console's queries, run as the api runs them, and how long each takes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from statistics import quantiles
from time import perf_counter, thread_time

from shapely import Point

from bench.processes import busy_s
from bench.queries.history import Filled, HistoryPlan
from hub.db import Connection, Pool
from hub.telemetry import store
from hub.telemetry.coverage import coverage
from hub.telemetry.squares import cover
from hub.telemetry.track import thin

Ask = Callable[[Connection, "Guest"], Awaitable[object]]

_GAP = timedelta(minutes=3)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Times:
    """Milliseconds from the call to the last row, in Python.

    `cpu` is the mean processor time of this process and of the database's, which a busy machine
    disturbs less; without the latter if it is on another machine.
    """

    p50: float
    p95: float
    cpu: float


@dataclass(frozen=True)
class Guest:
    """Chooses what to ask about: anywhere, any time of the history."""

    random: Random
    plan: HistoryPlan
    filled: Filled

    def midnight(self) -> datetime:
        return datetime.combine(self.random.choice(self.filled.days), time(), UTC)

    def terminal(self) -> str:
        return f"T-{self.random.randint(1, self.plan.terminals):04d}"

    def area(self) -> Point:
        """A round of 500 m somewhere in the district."""
        lon, lat = self.random.uniform(103.56, 104.04), self.random.uniform(25.46, 25.74)
        return Point(lon, lat).buffer(0.005, quad_segs=4)


async def _latest(db: Connection, _guest: Guest) -> object:
    return await store.latest(db)


async def _track(db: Connection, guest: Guest) -> object:
    since = guest.midnight()
    return thin(await store.fixes(db, guest.terminal(), since, since + _DAY), 500, _GAP)


async def _within_an_hour(db: Connection, guest: Guest) -> object:
    since = guest.midnight() + guest.random.randrange(24) * _HOUR
    return await store.within(db, cover(guest.area(), 1000), since, since + _HOUR)


async def _within_a_day(db: Connection, guest: Guest) -> object:
    since = guest.midnight()
    return await store.within(db, cover(guest.area(), 1000), since, since + _DAY)


async def _coverage(db: Connection, guest: Guest) -> object:
    since = guest.midnight()
    return await coverage(db, since, since + _DAY, 5)


async def _online(db: Connection, guest: Guest) -> object:
    newest = datetime.combine(guest.filled.days[0], time(), UTC) + _DAY
    return await store.online(db, newest - 7 * _DAY, newest, _HOUR)


QUESTIONS: dict[str, Ask] = {
    "latest": _latest,
    "track of a day": _track,
    "within, an hour": _within_an_hour,
    "within, a day": _within_a_day,
    "villages, a day": _coverage,
    "online, a week": _online,
}


async def ask_all(pool: Pool, plan: HistoryPlan, filled: Filled) -> dict[str, Times]:
    """Every question as often as planned, after a few that don't count."""
    guest = Guest(Random(7), plan, filled)
    return {name: await _times(pool, ask, guest) for name, ask in QUESTIONS.items()}


async def _times(pool: Pool, ask: Ask, guest: Guest) -> Times:
    async with pool.connection() as db:
        for _ in range(3):
            await _time(db, ask, guest)
        busy_ms = _busy_ms(db)
        took = [await _time(db, ask, guest) for _ in range(guest.plan.asks)]
        busy_ms = _busy_ms(db) - busy_ms
    cuts = quantiles(took, n=100, method="inclusive")
    return Times(round(cuts[49], 1), round(cuts[94], 1), round(busy_ms / len(took), 1))


async def _time(db: Connection, ask: Ask, guest: Guest) -> float:
    began = perf_counter()
    await ask(db, guest)
    return (perf_counter() - began) * 1000


def _busy_ms(db: Connection) -> float:
    """Processor time so far of this thread and of the database's process."""
    return (thread_time() + busy_s([db.info.backend_pid])) * 1000
