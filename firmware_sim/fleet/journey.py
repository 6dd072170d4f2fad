"""The samples, events and faults of one terminal of a fleet, computed without a clock or a network."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from firmware_sim.battery import IDLE_PER_H, LOW, Battery
from firmware_sim.district.files import TerminalPlan
from firmware_sim.faults import rubbish
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.troubles import Zone, draw_troubles
from firmware_sim.geometry import LocalProjection
from firmware_sim.telemetry import observe
from firmware_sim.walking import Walker, WalkerPosition
from wire.messages import SAMPLES, EventType, Place, Sample, TerminalEvent

_CHARGED = 100.0
_EVENTS = {EventType.CHECKIN: 96, EventType.GEOFENCE: 2, EventType.FALL: 1, EventType.SOS: 1}


@dataclass(frozen=True)
class Booted:
    """Numbering starts again, with a new boot id."""

    at_s: float
    boot_id: str


@dataclass(frozen=True)
class LineLost:
    """The connection breaks without a goodbye; `why` names the fault."""

    at_s: float
    why: str


@dataclass(frozen=True)
class LineBack:
    """From now on the terminal may connect."""

    at_s: float


@dataclass(frozen=True)
class Recorded:
    """A sample; `garbage` is sent with it, and `twice` sends it two times."""

    at_s: float
    sample: Sample
    garbage: bytes | None = None
    twice: bool = False


@dataclass(frozen=True)
class Happened:
    """An event of the holder or the terminal."""

    at_s: float
    event: TerminalEvent


Step = Booted | LineLost | LineBack | Recorded | Happened


class _Moment(IntEnum):
    """What comes next; moments at the same time are in this order."""

    CHARGED = 0
    STORM = 1
    FLAT = 2
    SAMPLE = 3


class Journey:
    """The same exercise and plan always give the same steps."""

    def __init__(
        self,
        exercise: Exercise,
        plan: TerminalPlan,
        projection: LocalProjection,
        zones: Sequence[Zone],
    ) -> None:
        self._exercise = exercise
        self._device_id = plan.device_id
        self._projection = projection
        self._zones = zones
        self._rng = exercise.rng(plan.device_id, "journey")
        troubles_rng = exercise.rng(plan.device_id, "troubles")
        self.troubles = draw_troubles(troubles_rng, exercise.rates, exercise.seconds)
        self._now_s = 0.0
        route = [projection.to_metres(place) for place in plan.route]
        self._walker = Walker(route, plan.start_m, exercise.pace_mps, self._clock)
        self._battery = Battery(self._first_level(), self._clock)
        self._boots = self._seq = 0
        self._boot_id = ""
        self._is_flat = self._in_zone = self._reported_low = False

    def steps(self) -> Iterator[Step]:
        """In order of time; at the end every line is back, and the battery charged."""
        yield self._boot()
        for at_s, moment in self._agenda():
            self._now_s = at_s
            match moment:
                case _Moment.SAMPLE if not self._is_flat:
                    yield from self._sample()
                case _Moment.STORM if not (self._is_flat or self._in_zone):
                    yield LineLost(self._now_s, "storm")
                    yield LineBack(self._now_s)
                case _Moment.FLAT:
                    self._is_flat = True
                    yield LineLost(self._now_s, "flat_battery")
                case _Moment.CHARGED:
                    yield from self._come_back()
        if self._in_zone:
            yield LineBack(self._exercise.seconds)

    def device_time(self, at_s: float) -> datetime:
        """By the terminal's own clock."""
        return self._exercise.instant(at_s) + timedelta(seconds=self.troubles.clock_ahead_s)

    def _clock(self) -> float:
        return self._now_s

    def _first_level(self) -> float:
        """A battery that will run flat is nearly empty from the start."""
        if self.troubles.flat is None:
            return self._rng.uniform(62, 100)
        return IDLE_PER_H * self.troubles.flat.from_s / 3600

    def _agenda(self) -> Iterator[tuple[float, _Moment]]:
        rest = [(at_s, _Moment.STORM) for at_s in self.troubles.storms]
        if flat := self.troubles.flat:
            rest += [(flat.from_s, _Moment.FLAT), (flat.to_s, _Moment.CHARGED)]
        return heapq.merge(self._sampling(), sorted(rest))

    def _sampling(self) -> Iterator[tuple[float, _Moment]]:
        every_s, seconds = self._exercise.interval_s, self._exercise.seconds
        first_s = self._rng.uniform(0, min(every_s, seconds))
        for number in range(int((seconds - first_s) / every_s) + 1):
            yield round(first_s + number * every_s, 3), _Moment.SAMPLE

    def _boot(self) -> Booted:
        self._boots += 1
        self._boot_id = self._exercise.name(self._device_id, "boot", self._boots)
        self._seq = 0
        self._reported_low = False
        return Booted(self._now_s, self._boot_id)

    def _come_back(self) -> Iterator[Step]:
        self._is_flat = False
        self._battery = Battery(_CHARGED, self._clock)
        yield self._boot()
        self._in_zone = self._lacks_network_at(self._walker.position())
        if not self._in_zone:
            yield LineBack(self._now_s)

    def _lacks_network_at(self, position: WalkerPosition) -> bool:
        return any(position.point in zone for zone in self._zones)

    def _sample(self) -> Iterator[Step]:
        position = self._walker.position()
        yield from self._cross(position)
        self._seq += 1
        at, level = self.device_time(self._now_s), self._battery.level()
        key = (self._boot_id, self._seq)
        sample = observe(self._rng, self._projection, position, *key, at, level)
        twice = self._rng.random() < self._exercise.rates.duplicate
        garbage = None
        if self._rng.random() < self._exercise.rates.garbage:
            garbage = rubbish(self._rng, SAMPLES.dump_json([sample], exclude_none=True))
        yield Recorded(self._now_s, sample, garbage, twice)
        yield from self._events(sample)

    def _cross(self, position: WalkerPosition) -> Iterator[Step]:
        """Into a dead zone, or out of it."""
        was, self._in_zone = self._in_zone, self._lacks_network_at(position)
        if self._in_zone and not was:
            yield LineLost(self._now_s, "dead_zone")
        elif was and not self._in_zone:
            yield LineBack(self._now_s)

    def _events(self, sample: Sample) -> Iterator[Happened]:
        """Events are random, except the report of a low battery."""
        if self._battery.level() < LOW and not self._reported_low:
            self._reported_low = True
            yield self._event(EventType.LOW_BATTERY, sample)
        chance = self._exercise.events_per_h * self._exercise.interval_s / 3600
        if self._rng.random() < chance:
            (kind,) = self._rng.choices(list(_EVENTS), list(_EVENTS.values()))
            yield self._event(kind, sample)

    def _event(self, kind: EventType, sample: Sample) -> Happened:
        name = self._exercise.name(self._device_id, kind, self._boots, self._seq)
        place = Place(lon=sample.lon, lat=sample.lat, accuracy_m=sample.accuracy_m)
        event = TerminalEvent(event_id=name, type=kind, observed_at=sample.observed_at, place=place)
        return Happened(self._now_s, event)
