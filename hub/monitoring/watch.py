"""When a battery is low, and when a holder is off post. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.devices.device import LOW_BATTERY_PERCENT

CHARGED_PERCENT = 30.0
"""A low battery stays low until it has this much, since voltages rise while a terminal rests."""
AWAY_M = 300.0
"""A holder this far beyond the village's boundary, plus the error of the fix, is away."""
FRESH_WITHIN = timedelta(minutes=3)
"""An older position does not show where the holder is now."""


class Matter(StrEnum):
    """The things that are monitored."""

    LOW_BATTERY = "low_battery"
    OFF_POST = "off_post"


class Assessment(StrEnum):
    """Whether a terminal or its holder is as it should be."""

    ABNORMAL = "abnormal"
    NORMAL = "normal"
    UNCERTAIN = "uncertain"
    """No episode begins, and none ends."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a holder was last, and the distance from the own village: 0 or less inside it."""

    received_at: datetime
    distance_m: float
    accuracy_m: float


def assess_battery(percent: float | None) -> Assessment:
    """Whether a battery is low, by its newest figure."""
    if percent is None:
        return Assessment.UNCERTAIN
    if percent < LOW_BATTERY_PERCENT:
        return Assessment.ABNORMAL
    return Assessment.NORMAL if percent >= CHARGED_PERCENT else Assessment.UNCERTAIN


def assess_post(where: Whereabouts, now: datetime, *, on_duty: bool, on_task: bool) -> Assessment:
    """Whether a holder is off post; nobody is outside duty hours or while on a task."""
    if not on_duty or on_task:
        return Assessment.NORMAL
    if now - where.received_at > FRESH_WITHIN:
        return Assessment.UNCERTAIN
    if where.distance_m >= AWAY_M + where.accuracy_m:
        return Assessment.ABNORMAL
    return Assessment.NORMAL if where.distance_m <= 0 else Assessment.UNCERTAIN
