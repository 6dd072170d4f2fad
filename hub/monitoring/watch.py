"""When a battery is low, and when a holder is off post. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LOW_PERCENT = 15.0
CHARGED_PERCENT = 30.0
"""A battery that was low is low until it has this much: voltages rise when a terminal rests."""
AWAY_M = 300.0
"""So far beyond the village's boundary, plus the error of the fix, a holder is away."""
FRESH_WITHIN = timedelta(minutes=3)
"""An older position says nothing of where the holder is now."""


class Matter(StrEnum):
    LOW_BATTERY = "low_battery"
    OFF_POST = "off_post"


class Verdict(StrEnum):
    WRONG = "wrong"
    RIGHT = "right"
    UNSURE = "unsure"
    """Nothing begins and nothing ends."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a holder was last, and how far from the own village: 0 or less inside of it."""

    received_at: datetime
    distance_m: float
    accuracy_m: float


def judge_battery(percent: float | None) -> Verdict:
    """Whether a battery is low, going by its newest figure."""
    if percent is None:
        return Verdict.UNSURE
    if percent < LOW_PERCENT:
        return Verdict.WRONG
    return Verdict.RIGHT if percent >= CHARGED_PERCENT else Verdict.UNSURE


def judge_post(where: Whereabouts, now: datetime, *, on_duty: bool, on_task: bool) -> Verdict:
    """Whether a holder is off post. Nobody is outside of duty hours, nor while sent somewhere."""
    if not on_duty or on_task:
        return Verdict.RIGHT
    if now - where.received_at > FRESH_WITHIN:
        return Verdict.UNSURE
    if where.distance_m >= AWAY_M + where.accuracy_m:
        return Verdict.WRONG
    return Verdict.RIGHT if where.distance_m <= 0 else Verdict.UNSURE
