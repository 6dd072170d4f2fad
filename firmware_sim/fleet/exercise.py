"""One run of a fleet: decided before it begins, and the same for all of its processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from firmware_sim.district.files import TerminalPlan
from firmware_sim.fleet.troubles import TroubleRates, Zone
from firmware_sim.geometry import LocalProjection, along, length_m
from firmware_sim.walking import WALK_MPS

_NAMES = UUID("6f1c8f0e-7c52-4c0e-9d0b-5a2f5d9f7c11")
_CROSSED_IN_S = (12.0, 60.0)


@dataclass(frozen=True)
class Exercise:
    """The same seed and beginning give the same samples, ids and faults.

    Two exercises that begin at different instants have no id in common, so one database may see both.
    """

    seed: int
    began_at: datetime
    seconds: float
    interval_s: float = 5.0
    rates: TroubleRates = field(default_factory=TroubleRates)
    events_per_h: float = 1.5
    pace_mps: float = WALK_MPS

    def name(self, *parts: object) -> str:
        """An id that no other exercise gives."""
        path = "/".join(map(str, (self.seed, self.began_at.isoformat(), *parts)))
        return str(uuid5(_NAMES, path))

    def rng(self, *parts: str) -> Random:
        return Random("/".join((str(self.seed), *parts)))

    def instant(self, at_s: float) -> datetime:
        """The true time, so many seconds after the beginning."""
        return self.began_at + timedelta(seconds=at_s)


def draw_zones(
    exercise: Exercise, plans: Sequence[TerminalPlan], projection: LocalProjection
) -> list[Zone]:
    """Places without a network, each on the way of some terminal that crosses it within a minute."""
    rng = exercise.rng("zones")
    zones = []
    for _ in range(round(exercise.rates.zones) if plans else 0):
        plan, at_s = rng.choice(plans), exercise.seconds * rng.uniform(0.3, 0.7)
        route = [projection.to_metres(place) for place in plan.route]
        walked_m = (plan.start_m + exercise.pace_mps * at_s) % (length_m(route) or 1.0)
        radius_m = exercise.pace_mps * rng.uniform(*_CROSSED_IN_S) / 2
        zones.append(Zone(along(route, walked_m)[0], round(radius_m, 1)))
    return zones
