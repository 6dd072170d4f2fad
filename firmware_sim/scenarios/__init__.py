"""Scenarios: timed actions in the district, performed by the scenario player."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from firmware_sim.district.files import DeviceRecord
from firmware_sim.scenarios.patrol import patrol
from firmware_sim.scenarios.quiet import quiet
from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.scenarios.story import story

Draw = Callable[[Random, Sequence[DeviceRecord]], Scenario]

SCENARIOS: Mapping[str, Draw] = {"story": story, "patrol": patrol, "quiet": quiet}

__all__ = ["SCENARIOS", "Scenario"]
