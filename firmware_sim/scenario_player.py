"""Plays scenarios with the devices of one process."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random

from firmware_sim.activity_log import ActivityLog
from firmware_sim.camera import SimulatedCamera
from firmware_sim.district.files import DeviceRecord
from firmware_sim.scenarios import SCENARIOS, Scenario
from firmware_sim.scenarios.actions import (
    Action,
    ChangeCover,
    CheckIn,
    Fall,
    LoseLine,
    LowBattery,
    Play,
    Report,
    Sos,
)
from firmware_sim.terminal import SimulatedTerminal
from firmware_sim.world import World


class NotSimulated(LookupError):
    """An action asks for a device, asset or scenario that there is not; `name` says which."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"there is no {what} {name} in this simulation")
        self.name = name


class ScenarioPlayer:
    """`watching` are the cameras that look at an asset, by its id."""

    def __init__(
        self,
        world: World,
        terminals: Mapping[str, SimulatedTerminal],
        cameras: Mapping[str, SimulatedCamera],
        watching: Mapping[str, Sequence[SimulatedCamera]],
        activity: ActivityLog,
        seed: int,
    ) -> None:
        self._world = world
        self._terminals = terminals
        self._cameras = cameras
        self._watching = watching
        self._activity = activity
        self._seed = seed

    def draw(self, name: str) -> Scenario:
        """Raises NotSimulated for an unknown name, or if a device or asset of the scenario is missing."""
        if name not in SCENARIOS:
            raise NotSimulated(name, "scenario")
        devices: list[DeviceRecord] = [terminal.row for terminal in self._terminals.values()]
        scenario = SCENARIOS[name](Random(f"{self._seed}/{name}"), devices)
        for step in scenario.steps:
            self.check(step.action)
        return scenario

    def check(self, action: Action) -> None:
        """Raises NotSimulated if the action can't be performed here."""
        match action:
            case Play(scenario=name):
                self.draw(name)
            case ChangeCover(asset_id=asset_id):
                self._check_asset(asset_id)
            case LoseLine(device_id=device_id):
                self._device(device_id)
            case Report(device_id=device_id, asset_id=asset_id):
                self._terminal(device_id)
                self._check_asset(asset_id)
            case Sos() | CheckIn() | Fall() | LowBattery():
                self._terminal(action.device_id)

    async def play(self, scenario: Scenario) -> None:
        """Wait until its devices are connected and the cameras show something, then perform the steps."""
        for device_id in scenario.devices():
            await self._device(device_id).connection.connected.wait()
        for asset_id in scenario.assets():
            for camera in self._watching.get(asset_id, ()):
                await camera.showing.wait()
        self._activity.record("world", "scenario_started", scenario=scenario.name)
        began_s = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            for step in scenario.steps:
                left_s = began_s + step.at_s - asyncio.get_running_loop().time()
                await asyncio.sleep(max(0.0, left_s))
                tasks.create_task(self.perform(step.action))
        self._activity.record("world", "scenario_ended", scenario=scenario.name)

    async def perform(self, action: Action) -> None:
        """Returns when it is done; the action has passed `check`."""
        match action:
            case ChangeCover(asset_id=asset_id, state=state):
                self._world.set_cover(asset_id, state, "scenario")
            case Play(scenario=name):
                await self.play(self.draw(name))
            case LoseLine(device_id=device_id, for_s=for_s):
                await self._lose_line(device_id, for_s)
            case Report():
                await self._terminal(action.device_id).report(
                    action.asset_id, action.category, action.condition, action.text
                )
            case Sos(device_id=device_id, text=text):
                self._terminal(device_id).sos(text)
            case CheckIn(device_id=device_id):
                self._terminal(device_id).check_in()
            case Fall(device_id=device_id):
                self._terminal(device_id).fall()
            case LowBattery(device_id=device_id):
                self._terminal(device_id).low_battery()

    async def _lose_line(self, device_id: str, for_s: float) -> None:
        connection = self._device(device_id).connection
        connection.cut()
        try:
            await asyncio.sleep(for_s)
        finally:
            connection.restore()

    def _terminal(self, device_id: str) -> SimulatedTerminal:
        if device_id not in self._terminals:
            raise NotSimulated(device_id, "terminal")
        return self._terminals[device_id]

    def _device(self, device_id: str) -> SimulatedTerminal | SimulatedCamera:
        if device_id in self._cameras:
            return self._cameras[device_id]
        return self._terminal(device_id)

    def _check_asset(self, asset_id: str) -> None:
        try:
            self._world.place(asset_id)
        except KeyError:
            raise NotSimulated(asset_id, "cover") from None
