"""An ordinary day: everybody walks, and checks in now and then."""

from collections.abc import Sequence
from random import Random

from firmware_sim.district.files import DeviceRecord
from firmware_sim.scenarios.actions import CheckIn
from firmware_sim.scenarios.scenario import Scenario, TimedAction

_HOURS = 8
_CHECK_IN_EVERY_S = 2_700.0


def patrol(rng: Random, devices: Sequence[DeviceRecord]) -> Scenario:
    steps = []
    for device in devices:
        at_s = rng.uniform(20, _CHECK_IN_EVERY_S)
        while device.kind == "terminals" and at_s < _HOURS * 3600:
            steps.append(TimedAction(round(at_s, 1), CheckIn(device_id=device.device_id)))
            at_s += rng.uniform(0.6, 1.4) * _CHECK_IN_EVERY_S
    steps.sort(key=lambda step: step.at_s)
    return Scenario(name="patrol", steps=tuple(steps))
