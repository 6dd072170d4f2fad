"""Alarms as the console reads them."""

from datetime import datetime

from pydantic import BaseModel

from hub.cases.case_facts import PlaceSource
from hub.geo.views import PlaceView
from wire.messages import EventType


class AlarmView(BaseModel):
    """An alarm of a person in danger; it rings until `acknowledged_at` is set.

    `times`: how often it was raised. `place_source` says how `place` is known; `place_age_s` is how
    old this knowledge was when the alarm was raised.
    """

    case_id: int
    case_no: str
    type: EventType
    device_id: str
    device_name_zh: str
    device_name_en: str
    holder: str | None
    raised_at: datetime
    times: int
    place: PlaceView
    place_source: PlaceSource
    place_age_s: float | None
    territory_name_zh: str | None
    territory_name_en: str | None
    text: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class AlarmList(BaseModel):
    """`can_acknowledge`: whether the account may acknowledge alarms."""

    items: list[AlarmView]
    can_acknowledge: bool
