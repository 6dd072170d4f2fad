"""A cover breaks on Yulin North Road; two cameras see it, and a patroller reports it.

The hub commands what follows (guard, repair, feedback); the terminals carry it out.
"""

from collections.abc import Sequence
from random import Random

from firmware_sim.district.assets import STORY_ASSET
from firmware_sim.district.files import DeviceRecord
from firmware_sim.scenarios.actions import ChangeCover, Report
from firmware_sim.scenarios.scenario import Scenario, TimedAction
from scenes import CoverState

REPORTER = "T-0002"
BREAKS_AT_S = 4.0
SEEN_AT_S = 5.0
_WALK_SPEED = 10.0


def story(_rng: Random, _devices: Sequence[DeviceRecord]) -> Scenario:
    return Scenario(
        name="story",
        steps=(
            TimedAction(0.0, ChangeCover(asset_id=STORY_ASSET, state=CoverState.GOOD)),
            TimedAction(BREAKS_AT_S, ChangeCover(asset_id=STORY_ASSET, state=CoverState.BROKEN)),
            TimedAction(SEEN_AT_S, Report(device_id=REPORTER, asset_id=STORY_ASSET)),
        ),
        walk_speed=_WALK_SPEED,
    )
