"""All devices of a district folder in one process."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from firmware_sim.activity_log import ActivityLog
from firmware_sim.camera import SimulatedCamera
from firmware_sim.client import ConnectionSettings
from firmware_sim.control import Control
from firmware_sim.district.folder import SimulatedDistrict
from firmware_sim.faults import FaultRates
from firmware_sim.geometry import LocalProjection
from firmware_sim.pictures import Pictures
from firmware_sim.roadmap import RoadMap
from firmware_sim.scenario_player import ScenarioPlayer
from firmware_sim.scenarios import Scenario
from firmware_sim.surroundings import Habits, Surroundings
from firmware_sim.terminal import SimulatedTerminal
from firmware_sim.world import CoverChange, World

_log = structlog.get_logger(__name__)
_START_EVERY_S = 0.004
"""Connections are opened one after another, so that a large fleet does not flood the broker."""


@dataclass(frozen=True)
class RunOptions:
    """`seed` None takes the district's own; `control_port` None opens none, 0 takes a free one."""

    host: str
    port: int
    scenario: str
    seed: int | None = None
    habits: Habits = field(default_factory=Habits)
    faults: FaultRates = field(default_factory=FaultRates)
    control_port: int | None = None


class Simulation:
    """Built from a district; needs a running event loop. `run` lives until cancelled."""

    def __init__(
        self,
        district: SimulatedDistrict,
        passwords: Mapping[str, str],
        options: RunOptions,
        activity: ActivityLog,
    ) -> None:
        self._options = options
        self._activity = activity
        self._pictures = Pictures()
        self.world = _world(district, activity)
        around = Surroundings(
            district=district.info.code,
            projection=LocalProjection(*district.info.center),
            roads=_roads(district),
            world=self.world,
            pictures=self._pictures,
            activity=activity,
            habits=options.habits,
            faults=options.faults,
            seed=self._seed(district),
        )
        self.terminals, self.cameras = _devices(district, passwords, options, around)
        watching = defaultdict(list)
        for plan in district.simulation.cameras:
            watching[plan.asset_id or ""].append(self.cameras[plan.device_id])
        self.player = ScenarioPlayer(
            self.world, self.terminals, self.cameras, watching, activity, self._seed(district)
        )

    def _seed(self, district: SimulatedDistrict) -> int:
        return district.simulation.seed if self._options.seed is None else self._options.seed

    async def run(self, scenario: Scenario) -> None:
        devices: list[SimulatedTerminal | SimulatedCamera] = [
            *self.terminals.values(),
            *self.cameras.values(),
        ]
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._options.control_port is not None:
                    await self._open_control(tasks, self._options.control_port)
                for device in devices:
                    tasks.create_task(device.run(), name=device.device_id)
                    await asyncio.sleep(_START_EVERY_S)
                tasks.create_task(self.player.play(scenario), name="scenario")
                for device in devices:
                    await device.connection.connected.wait()
                _log.info("started", terminals=len(self.terminals), cameras=len(self.cameras))
        finally:
            self._pictures.close()

    async def _open_control(self, tasks: asyncio.TaskGroup, port: int) -> None:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        tasks.create_task(Control(self.player).serve(port, ready), name="control")
        self._activity.record("world", "control_opened", port=await ready)


def _world(district: SimulatedDistrict, activity: ActivityLog) -> World:
    projection = LocalProjection(*district.info.center)
    covers = {
        asset.properties.asset_id: projection.to_metres(asset.geometry.coordinates)
        for asset in district.assets.features
        if asset.properties.type.startswith("manhole_")
    }

    def tell(truth: CoverChange) -> None:
        activity.record(
            "world",
            "cover_changed",
            asset_id=truth.asset_id,
            state=truth.state.value,
            cause=truth.cause,
        )

    return World(covers, district.simulation.seed, tell)


def _roads(district: SimulatedDistrict) -> RoadMap:
    projection = LocalProjection(*district.info.center)
    return RoadMap(
        [projection.to_metres(place) for place in road.geometry.coordinates]
        for road in district.roads.features
    )


def _devices(
    district: SimulatedDistrict,
    passwords: Mapping[str, str],
    options: RunOptions,
    around: Surroundings,
) -> tuple[dict[str, SimulatedTerminal], dict[str, SimulatedCamera]]:
    rows = {row.device_id: row for row in district.devices}

    def settings(device_id: str) -> ConnectionSettings:
        return ConnectionSettings(options.host, options.port, passwords[device_id])

    terminals = {
        plan.device_id: SimulatedTerminal(
            rows[plan.device_id], plan, settings(plan.device_id), around
        )
        for plan in district.simulation.terminals
    }
    cameras = {
        plan.device_id: SimulatedCamera(
            rows[plan.device_id], plan, settings(plan.device_id), around
        )
        for plan in district.simulation.cameras
    }
    return terminals, cameras
