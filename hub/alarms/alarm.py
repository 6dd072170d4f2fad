"""An alarm, and the place where the person in danger is looked for. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.cases.case_facts import PlaceSource
from hub.devices.device import LastPosition
from hub.geo.place import Spot
from wire.messages import EventType

RINGS_AGAIN_AFTER = timedelta(minutes=1)
"""Radios repeat a pressed key; a press this long after the acknowledgement is a new call."""
WALKING_M_S = 1.5
WIDEST_ERROR_M = 50_000.0


@dataclass(frozen=True, slots=True)
class AlarmPlace:
    """Where to look first. `age_s` is how old this knowledge was at the alarm; None if unknown."""

    spot: Spot
    source: PlaceSource
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm of a case."""

    case_id: int
    type: EventType
    device_id: str
    raised_at: datetime
    times: int
    place: AlarmPlace
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None

    def rings_again(self, at: datetime) -> bool:
        """Whether a further press is a new call for those who had acknowledged the alarm."""
        return self.acknowledged_at is not None and at - self.acknowledged_at >= RINGS_AGAIN_AFTER


def last_known(last: LastPosition, received_at: datetime) -> AlarmPlace:
    """The last position, with the error that grows while its holder may have walked on."""
    age_s = max(0.0, (received_at - last.observed_at).total_seconds())
    error_m = min(last.accuracy_m + age_s * WALKING_M_S, WIDEST_ERROR_M)
    return AlarmPlace(Spot(last.lon, last.lat, error_m), PlaceSource.LAST_POSITION, age_s)
