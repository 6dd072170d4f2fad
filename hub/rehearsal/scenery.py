"""Where things happen: the district's assets, terminals and cameras."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from hub.db import Connection, load_queries
from hub.geo.distance import METRES_PER_DEGREE
from hub.rehearsal.matter import DailyMatter

SQL = load_queries(__file__)
_AROUND_M = 400.0
"""How far from its usual place a holder finds something."""


class KnownAsset(NamedTuple):
    asset_id: str
    type: str
    lon: float
    lat: float


class PatrollingTerminal(NamedTuple):
    device_id: str
    lon: float
    lat: float


class WatchingCamera(NamedTuple):
    edge_id: str
    device_id: str
    lon: float
    lat: float
    coverage_m: float | None


class Sighting(NamedTuple):
    """Where something is found, and the terminal whose holder comes by."""

    lon: float
    lat: float
    terminal_id: str


@dataclass(frozen=True, slots=True)
class Scenery:
    """The places of a district; without terminals there is nobody who could find anything."""

    assets: tuple[KnownAsset, ...]
    terminals: tuple[PatrollingTerminal, ...]
    cameras: tuple[WatchingCamera, ...]
    by_kind: Mapping[str, tuple[str, ...]]
    """The ids of all devices."""

    def sighting(self, rng: Random, matter: DailyMatter) -> Sighting:
        """At one of the matter's assets, or else near the usual place of a terminal."""
        fitting = [each for each in self.assets if each.type in matter.asset_types]
        if fitting:
            asset = rng.choice(fitting)
            return Sighting(asset.lon, asset.lat, self._nearest(asset.lon, asset.lat).device_id)
        terminal = rng.choice(self.terminals)
        lon, lat = (
            value + rng.uniform(-_AROUND_M, _AROUND_M) / METRES_PER_DEGREE
            for value in (terminal.lon, terminal.lat)
        )
        return Sighting(lon, lat, terminal.device_id)

    def before_camera(self, rng: Random) -> tuple[WatchingCamera, float, float]:
        """A camera, and a place a few metres before it."""
        camera = rng.choice(self.cameras)
        reach = min(camera.coverage_m or 20.0, 20.0) / METRES_PER_DEGREE
        lon, lat = (value + rng.uniform(-reach, reach) / 2 for value in (camera.lon, camera.lat))
        return camera, lon, lat

    def _nearest(self, lon: float, lat: float) -> PatrollingTerminal:
        return min(self.terminals, key=lambda each: (each.lon - lon) ** 2 + (each.lat - lat) ** 2)


async def load_scenery(db: Connection) -> Scenery:
    """The scenery of the district in the database."""
    assets = await (await db.execute(SQL["assets"])).fetchall()
    terminals = await (await db.execute(SQL["terminals"])).fetchall()
    cameras = await (await db.execute(SQL["cameras"])).fetchall()
    by_kind = await (await db.execute(SQL["devices_by_kind"])).fetchall()
    return Scenery(
        tuple(KnownAsset(*row) for row in assets),
        tuple(PatrollingTerminal(*row) for row in terminals),
        tuple(WatchingCamera(*row) for row in cameras),
        {kind: tuple(devices) for kind, devices in by_kind},
    )
