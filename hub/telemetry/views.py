"""What the API shows of positions over time; the queries fill these classes directly."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from hub.devices.device import Presence
from hub.telemetry.area import Area
from hub.telemetry.track import FixView
from wire.messages.base import Instant


class LatestView(BaseModel):
    """WGS-84; metres, m/s, degrees from north, percent."""

    device_id: str
    presence: Presence
    observed_at: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    battery: float | None


class LatestList(BaseModel):
    items: list[LatestView]


class TrackView(BaseModel):
    """The line is broken between stretches. Within one it is at most `error_m` from where the terminal
    was recorded at that time; `recorded` is how many fixes there are in all.
    """

    device_id: str
    day: date
    since: datetime
    until: datetime
    recorded: int
    error_m: float
    stretches: list[list[FixView]]


class HourView(BaseModel):
    """`path_m` leaves out steps under 20 m, which may be the receiver's noise, until they add up."""

    hour: datetime
    samples: int
    backlog_share: float
    first_at: datetime
    last_at: datetime
    path_m: float
    min_battery: float | None
    online_min: int


class HourList(BaseModel):
    items: list[HourView]


class WithinQuestion(BaseModel):
    """From `since` to before `until`, at most 31 days."""

    area: Area
    since: Instant
    until: Instant


class StayView(BaseModel):
    """`minutes` counts different minutes with a sample within the area."""

    device_id: str
    holder: str | None
    first_at: datetime
    last_at: datetime
    minutes: int


class StayList(BaseModel):
    items: list[StayView]


class VisitView(BaseModel):
    device_id: str
    first_at: datetime
    last_at: datetime
    minutes: int


class VillageView(BaseModel):
    """`minutes` adds up the visits; none means that nobody came."""

    unit_key: str
    name_zh: str
    name_en: str
    minutes: int
    visits: list[VisitView]


class Coverage(BaseModel):
    """Whole hours from `since` to `until`; `rolled_until` is how far visits are known."""

    since: datetime
    until: datetime
    rolled_until: datetime | None
    visited: int
    items: list[VillageView]


class OnlinePointView(BaseModel):
    """`online` terminals of `registered`, on average from `at` to the next point."""

    at: datetime
    online: float
    registered: int
    rate: Annotated[float | None, Field(description="null where none was registered")]


class OnlineRate(BaseModel):
    """`rolled_until` is how far it is known."""

    step_s: int
    rolled_until: datetime | None
    points: list[OnlinePointView]
