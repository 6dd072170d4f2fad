"""Everything is connected and whole, and nobody moves."""

from collections.abc import Sequence
from random import Random

from firmware_sim.district.files import DeviceRecord
from firmware_sim.scenarios.scenario import Scenario


def quiet(_rng: Random, _devices: Sequence[DeviceRecord]) -> Scenario:
    return Scenario(name="quiet", walks=False)
