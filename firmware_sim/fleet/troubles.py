"""The troubles of a fleet and their times, drawn by seed before anything connects."""

from dataclasses import dataclass, fields
from random import Random

from firmware_sim.faults import BadFault, parse_numbers
from firmware_sim.geometry import XY, distance_m

_CLOCKS_AHEAD_S = (-7200.0, -90.0, 45.0, 3600.0)
_ORDINARY_CLOCK_S = 0.8


@dataclass(frozen=True)
class TroubleRates:
    """`storms`, `zones`: how many in the whole time. `storm_share`, `flat`, `wrong_clock`: of the
    terminals, 0 to 1. `garbage`, `duplicate`: per sample, 0 to 1.
    """

    storms: float = 1
    storm_share: float = 0.5
    zones: float = 24
    flat: float = 0.02
    wrong_clock: float = 0.03
    garbage: float = 0.001
    duplicate: float = 0.002


CALM = TroubleRates(0, 0, 0, 0, 0, 0, 0)
_COUNTS = frozenset({"storms", "zones"})
NAMES = tuple(field.name for field in fields(TroubleRates))


def parse_troubles(texts: list[str]) -> TroubleRates:
    """Read options such as `flat=0.1`. Raises BadFault."""
    numbers = parse_numbers(texts, NAMES)
    for name, number in numbers.items():
        if not 0 <= number <= (1_000 if name in _COUNTS else 1):
            raise BadFault(f"{name}={number:g}", NAMES)
    return TroubleRates(**numbers)


@dataclass(frozen=True)
class Spell:
    """Seconds since the beginning."""

    from_s: float
    to_s: float


@dataclass(frozen=True)
class Zone:
    """A place without a network, in metres of the local projection."""

    centre: XY
    radius_m: float

    def __contains__(self, point: XY) -> bool:
        return distance_m(self.centre, point) <= self.radius_m


@dataclass(frozen=True)
class Troubles:
    """Of one terminal: how far its clock is ahead, when its battery is flat, when storms hit it."""

    clock_ahead_s: float = 0.0
    flat: Spell | None = None
    storms: tuple[float, ...] = ()


def draw_storms(rates: TroubleRates, seconds: float) -> list[float]:
    """The times at which part of the fleet loses its connection at once, evenly spaced."""
    count = round(rates.storms)
    return [round(seconds * (number + 1) / (count + 1), 3) for number in range(count)]


def draw_troubles(rng: Random, rates: TroubleRates, seconds: float) -> Troubles:
    wrong = rng.random() < rates.wrong_clock
    ahead_s = rng.choice(_CLOCKS_AHEAD_S) if wrong else rng.gauss(0, _ORDINARY_CLOCK_S)
    flat = None
    if rng.random() < rates.flat:
        from_s = seconds * rng.uniform(0.15, 0.6)
        flat = Spell(from_s, from_s + seconds * rng.uniform(0.1, 0.3))
    storms = [at_s for at_s in draw_storms(rates, seconds) if rng.random() < rates.storm_share]
    return Troubles(round(ahead_s, 3), flat, tuple(storms))
