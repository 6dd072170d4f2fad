"""The surroundings that all devices of a process share, and their habits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from firmware_sim.activity_log import ActivityLog
from firmware_sim.device_clock import DeviceClock
from firmware_sim.faults import FaultRates
from firmware_sim.geometry import LocalProjection
from firmware_sim.pictures import Pictures
from firmware_sim.roadmap import RoadMap
from firmware_sim.walking import WALK_MPS
from firmware_sim.world import World


@dataclass(frozen=True)
class Habits:
    """`walk_speed` multiplies the pace on the way to a task; with a `patrol_mps` of 0 nobody patrols.

    A holder answers a command after `think_s` (from, to), and a repair takes `repair_s`.
    """

    interval_s: float = 5.0
    patrol_mps: float = WALK_MPS
    walk_speed: float = 1.0
    think_s: tuple[float, float] = (1.0, 2.0)
    repair_s: float = 4.0
    camera_fps: float = 2.0


@dataclass(frozen=True)
class Surroundings:
    district: str
    projection: LocalProjection
    roads: RoadMap
    world: World
    pictures: Pictures
    activity: ActivityLog
    habits: Habits = field(default_factory=Habits)
    faults: FaultRates = field(default_factory=FaultRates)
    seed: int = 0
    clock: Callable[[], float] = monotonic

    def device_clock(self) -> DeviceClock:
        return DeviceClock(self.faults.clock_skew)
