"""When a battery is low, when a holder is off post, and when a camera shows nothing. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.devices.device import LOW_BATTERY_PERCENT
from wire.messages import CameraState

CHARGED_PERCENT = 30.0
"""A low battery stays low until it has this much, since voltage rises while a terminal is idle."""
AWAY_M = 300.0
"""A holder this far beyond the village's boundary, plus the error of the fix, is away."""
FRESH_WITHIN = timedelta(minutes=3)
"""An older position does not show where the holder is now."""


class Matter(StrEnum):
    """The things that are monitored."""

    LOW_BATTERY = "low_battery"
    OFF_POST = "off_post"
    CAMERA_BLIND = "camera_blind"


class Assessment(StrEnum):
    """Whether something is wrong with a terminal, its holder or a camera."""

    ABNORMAL = "abnormal"
    NORMAL = "normal"
    UNCERTAIN = "uncertain"
    """Not clear enough: no episode begins, and none ends."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The last position of a holder: its distance from the holder's village, 0 or less inside it."""

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


def assess_camera(state: str | None) -> Assessment:
    """Whether a camera shows nothing, by what its edge node says of it."""
    match state:
        case CameraState.BLIND:
            return Assessment.ABNORMAL
        case CameraState.UP:
            return Assessment.NORMAL
    return Assessment.UNCERTAIN


def assess_post(where: Whereabouts, now: datetime, *, on_duty: bool, on_task: bool) -> Assessment:
    """Whether a holder is off post; never outside duty hours or while on a task."""
    if not on_duty or on_task:
        return Assessment.NORMAL
    if now - where.received_at > FRESH_WITHIN:
        return Assessment.UNCERTAIN
    if where.distance_m >= AWAY_M + where.accuracy_m:
        return Assessment.ABNORMAL
    return Assessment.NORMAL if where.distance_m <= 0 else Assessment.UNCERTAIN
