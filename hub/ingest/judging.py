"""Which places and clocks of terminals can be trusted. What is not trusted moves nothing."""

from collections.abc import Mapping, Sequence

from hub.geo.distance import BoundingBox
from hub.geo.fix import FixFault, fix_fault
from hub.geo.jump import NEAR_DEGREES, TimedPlace, is_jump
from hub.ingest.clock_errors import ClockErrors

CONSISTENT_FIXES = 3
CONSISTENT_FOR_S = 10.0
"""A terminal has moved after all if so many fixes in a row, over so long a time, agree on it."""


class Movements:
    """The last place of each terminal that this process hears, and where it seems to have jumped to."""

    def __init__(self) -> None:
        self._last: dict[str, TimedPlace] = {}
        self._elsewhere: dict[str, list[TimedPlace]] = {}

    def remember(self, places: Mapping[str, TimedPlace]) -> None:
        """Take over places that are newer than those known, as other processes have stored them."""
        for device_id, place in places.items():
            known = self._last.get(device_id)
            if known is None or known.at < place.at:
                self._accept(device_id, place)

    def settle(self, device_id: str, place: TimedPlace) -> None:
        """Note a place that is obviously near the last one."""
        last = self._last.get(device_id)
        if last is None or last.at <= place.at:
            self._accept(device_id, place)

    def last(self, device_id: str) -> TimedPlace | None:
        """Where a terminal was last."""
        return self._last.get(device_id)

    def arrive(self, device_id: str, place: TimedPlace) -> bool:
        """Whether a terminal can be at a place. A jump that goes on is believed at last."""
        last = self._last.get(device_id)
        if last is None or not is_jump(last, place):
            self.settle(device_id, place)
            return True
        elsewhere = self._elsewhere.setdefault(device_id, [])
        if elsewhere and place.at <= elsewhere[-1].at:
            return False
        if elsewhere and is_jump(elsewhere[-1], place):
            elsewhere.clear()
        elsewhere.append(place)
        lasts_s = (place.at - elsewhere[0].at).total_seconds()
        if len(elsewhere) < CONSISTENT_FIXES or lasts_s < CONSISTENT_FOR_S:
            return False
        self._accept(device_id, place)
        return True

    def _accept(self, device_id: str, place: TimedPlace) -> None:
        self._last[device_id] = place
        if self._elsewhere:
            self._elsewhere.pop(device_id, None)


class SampleJudge:
    """Judges instants by the clocks that are known, places by the district's reach and by where each
    terminal was before.
    """

    def __init__(self, reach: BoundingBox | None = None) -> None:
        self.reach = reach
        self.movements = Movements()
        self.clocks = ClockErrors()

    def faults(
        self, device_id: str, places: Sequence[TimedPlace], *, backlog: bool
    ) -> dict[int, FixFault]:
        """What is wrong with some of the places, by their index."""
        # A backlog is judged by itself: what it tells of is over.
        movements = Movements() if backlog else self.movements
        faults: dict[int, FixFault] = {}
        for index in sorted(range(len(places)), key=lambda index: places[index].at):
            place = places[index]
            fault = fix_fault(place.lon, place.lat, self.reach)
            if fault is None and not movements.arrive(device_id, place):
                fault = FixFault.JUMP
            if fault is not None:
                faults[index] = fault
        return faults

    def stays_near(
        self, device_id: str, west: float, south: float, east: float, north: float
    ) -> bool:
        """Whether a terminal obviously stayed near its last place; fast, for nearly all messages.

        The places that it told lie between `west` and `east`, `south` and `north`.
        """
        last = self.movements.last(device_id)
        if last is None:
            return False
        lon, lat, near = last.lon, last.lat, NEAR_DEGREES
        if east - west >= near or east - lon >= near or lon - west >= near:
            return False
        if north - south >= near or north - lat >= near or lat - south >= near:
            return False
        if west <= 0 <= east or south <= 0 <= north:
            return False
        reach = self.reach
        return reach is None or (reach.contains(west, south) and reach.contains(east, north))
