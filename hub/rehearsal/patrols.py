"""Where terminals and cameras were: their presence, and the patrols of the holders, a few samples an hour."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

from hub.db import Pool
from hub.devices.commands import sweep_presence
from hub.geo.distance import METRES_PER_DEGREE
from hub.ingest.rows import Batch, TelemetryRow
from hub.ingest.store import BatchStore
from hub.journal.unit_of_work import unit_of_work
from hub.refusals.dead_letter import Refusals
from hub.rehearsal.scenery import PatrollingTerminal, Scenery
from hub.telemetry.storage import maintenance
from wire.messages import Crs

ROUNDS = (time(7, 30), time(10, 15), time(13, 15), time(16, 15), time(19, 15))
"""When it is looked who is there; the patrol of the hour before the second and the fourth is told, too."""
PATROLS = ROUNDS[1::2]
_BETWEEN = timedelta(minutes=3)
"""Between the samples of a patrol."""
_STEP_M = 120.0
_FARTHEST_M = 900.0
_TELEMETRY_DAYS = 366
_AWAY = {"terminals": 0.05, "cameras": 0.04}
"""The share of rounds after which a device is away until the next."""
_JUST_NOW = timedelta(seconds=5)


@dataclass
class _Walk:
    """Where the holder of a terminal is, in degrees from the usual place, and the battery."""

    lon: float = 0.0
    lat: float = 0.0
    heading: float = 0.0
    battery: float = 96.0
    seq: int = 0


@dataclass
class Patrols:
    """Tells of terminals, cameras and edge nodes through the ingest's own store, day by day."""

    pool: Pool
    database_url: str
    store: BatchStore
    scenery: Scenery
    rng: Random
    _walks: dict[str, _Walk] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)

    async def begin_day(self, now: datetime) -> None:
        """Once a day: what was told is rolled up, and the batteries are charged."""
        await maintenance.roll_up(self.database_url, now, _TELEMETRY_DAYS)
        for walk in self._walks.values():
            walk.battery = self.rng.uniform(90, 100)

    async def make_room(self, now: datetime) -> None:
        """For the samples of the coming week."""
        await maintenance.maintain(self.database_url, now, _TELEMETRY_DAYS)

    async def look_round(self, now: datetime, *, patrol: bool) -> None:
        """Who is there now; with `patrol`, also where they went in the hour before."""
        back = {each for each in self._away if self.rng.random() < 0.6}
        self._away -= back
        self._away |= {
            device_id
            for kind, devices in self.scenery.by_kind.items()
            for device_id in devices
            if self.rng.random() < _AWAY.get(kind, 0.0)
        }
        batch = Batch()
        for terminal in self.scenery.terminals:
            if terminal.device_id not in self._away:
                self._patrol(batch, terminal, now, hour=patrol)
        await self._heard(batch, now)
        if back - self._away:
            await self._heard(Batch(), now + timedelta(minutes=1))

    async def _heard(self, batch: Batch, now: datetime) -> None:
        everybody = (each for devices in self.scenery.by_kind.values() for each in devices)
        heard_at = now - _JUST_NOW
        batch.uplinks.update({each: heard_at for each in everybody if each not in self._away})
        await asyncio.to_thread(self.store.save, batch, Refusals())
        async with unit_of_work(self.pool, "system:presence", now) as work:
            await sweep_presence(work)

    def _patrol(
        self, batch: Batch, terminal: PatrollingTerminal, now: datetime, *, hour: bool
    ) -> None:
        """The samples of an hour's walk, or a single one."""
        walk = self._walks.setdefault(terminal.device_id, _Walk())
        count = 20 if hour else 1
        for number in reversed(range(count)):
            at = (now - _JUST_NOW - _BETWEEN * number).astimezone(UTC)
            if hour:
                self._step(walk)
            walk.seq += 1
            walk.battery = max(12.0, walk.battery - self.rng.uniform(0.2, 0.7))
            batch.telemetry.append(_sample(terminal, walk, at, moving=hour))
            batch.hour_instants.append(at)

    def _step(self, walk: _Walk) -> None:
        """A few minutes on foot; far from the usual place it goes back."""
        away_m = math.hypot(walk.lon, walk.lat) * METRES_PER_DEGREE
        home = math.atan2(-walk.lat, -walk.lon)
        turned = walk.heading + self.rng.uniform(-0.9, 0.9)
        walk.heading = home if away_m > _FARTHEST_M else turned
        step = self.rng.uniform(0.4, 1.0) * _STEP_M / METRES_PER_DEGREE
        walk.lon += math.cos(walk.heading) * step
        walk.lat += math.sin(walk.heading) * step


def _sample(
    terminal: PatrollingTerminal, walk: _Walk, at: datetime, *, moving: bool
) -> TelemetryRow:
    return TelemetryRow(
        boot_id="rehearsal",
        seq=walk.seq,
        lon=terminal.lon + walk.lon,
        lat=terminal.lat + walk.lat,
        accuracy_m=6.0,
        speed=0.9 if moving else 0.0,
        heading=round(90 - math.degrees(walk.heading)) % 360 if moving else None,
        battery=round(walk.battery, 1),
        signal=-78.0,
        network="4g",
        crs=Crs.WGS84,
        observed_at=at,
        device_id=terminal.device_id,
        received_at=at,
        backlog=False,
    )
