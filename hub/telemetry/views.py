"""Positions over time as the console reads them."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field

from hub.devices.device import Presence
from hub.telemetry.area import Area
from hub.telemetry.coverage import Village
from hub.telemetry.store import Hour, Latest, OnlinePoint, Stay
from hub.telemetry.track import Fix, Track


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

    @classmethod
    def of(cls, rows: list[Latest]) -> Self:
        return cls(items=[LatestView.model_validate(row, from_attributes=True) for row in rows])


class FixView(BaseModel):
    """`backlog`: recorded while the terminal was cut off, and sent later."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    backlog: bool

    @classmethod
    def of(cls, fix: Fix) -> Self:
        return cls.model_validate(fix, from_attributes=True)


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

    @classmethod
    def of(cls, track: Track, device_id: str, day: date, since: datetime, until: datetime) -> Self:
        stretches = [[FixView.of(fix) for fix in stretch] for stretch in track.stretches]
        return cls(
            device_id=device_id,
            day=day,
            since=since,
            until=until,
            recorded=track.recorded,
            error_m=round(track.error_m, 1),
            stretches=stretches,
        )


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

    @classmethod
    def of(cls, rows: list[Hour]) -> Self:
        return cls(items=[HourView.model_validate(row, from_attributes=True) for row in rows])


class WithinQuestion(BaseModel):
    """From `since` to before `until`, at most 31 days."""

    area: Area
    since: AwareDatetime
    until: AwareDatetime


class StayView(BaseModel):
    """`minutes` counts different minutes with a sample within the area."""

    device_id: str
    holder: str | None
    first_at: datetime
    last_at: datetime
    minutes: int


class StayList(BaseModel):
    items: list[StayView]

    @classmethod
    def of(cls, rows: list[Stay]) -> Self:
        return cls(items=[StayView.model_validate(row, from_attributes=True) for row in rows])


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

    @classmethod
    def of(cls, village: Village) -> Self:
        return cls(
            unit_key=village.unit_key,
            name_zh=village.name_zh,
            name_en=village.name_en,
            minutes=sum(visit.minutes for visit in village.visits),
            visits=[VisitView.model_validate(v, from_attributes=True) for v in village.visits],
        )


class Coverage(BaseModel):
    """Whole hours from `since` to `until`; `rolled_until` is how far visits are known."""

    since: datetime
    until: datetime
    rolled_until: datetime | None
    visited: int
    items: list[VillageView]

    @classmethod
    def of(
        cls, villages: list[Village], since: datetime, until: datetime, rolled: datetime | None
    ) -> Self:
        return cls(
            since=since,
            until=until,
            rolled_until=rolled,
            visited=sum(bool(village.visits) for village in villages),
            items=[VillageView.of(village) for village in villages],
        )


class OnlinePointView(BaseModel):
    """`online` terminals of `registered`, on average from `at` to the next point."""

    at: datetime
    online: float
    registered: int
    rate: Annotated[float | None, Field(description="null where none was registered")]

    @classmethod
    def of(cls, point: OnlinePoint) -> Self:
        rate = min(1.0, point.online / point.registered) if point.registered else None
        return cls(at=point.at, online=point.online, registered=point.registered, rate=rate)


class OnlineRate(BaseModel):
    """`rolled_until` is how far it is known."""

    step_s: int
    rolled_until: datetime | None
    points: list[OnlinePointView]

    @classmethod
    def of(cls, points: list[OnlinePoint], step_s: int, rolled: datetime | None) -> Self:
        views = [OnlinePointView.of(point) for point in points]
        return cls(step_s=step_s, rolled_until=rolled, points=views)
