"""Rank the terminals for a task, and say why. Pure.

The score is in seconds, and the lowest is best: the walk, plus what else speaks against a terminal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil

from hub.devices.device import LOW_BATTERY_PERCENT, Presence
from hub.dispatch import wording
from hub.dispatch.wording import Reason
from hub.geo.distance import distance_m
from wire.messages import Capability, CommandType

WALKING_M_S = 1.3
FRESH_S = 120.0
USABLE_S = 1800.0
WEAK_BATTERY = 30.0
LISTED = 10

TASK_S = 300.0
"""What a task in hand costs."""
RECENT_TASK_S = 60.0
"""What a task done in the last hours costs: whoever has rested goes first."""
WEAK_BATTERY_S = 120.0


class Closeness(StrEnum):
    """The smallest territory that the terminal's unit and the place have in common."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    DISTRICT = "district"
    NONE = "none"


TERRITORY_S = {
    Closeness.VILLAGE: 0.0,
    Closeness.TOWNSHIP: 60.0,
    Closeness.DISTRICT: 180.0,
    Closeness.NONE: 600.0,
}


class Exclusion(StrEnum):
    """Why a terminal cannot be sent."""

    NOT_ONLINE = "not_online"
    NO_POSITION = "no_position"
    OLD_POSITION = "old_position"
    HIGHER_TASK = "higher_task"
    LOW_BATTERY = "low_battery"
    NO_VIDEO = "no_video"
    ON_IT = "on_it"
    """Has this very task in hand."""
    ASKED = "asked"
    """Was asked for this task, and did not answer or declined."""


@dataclass(frozen=True, slots=True)
class Spot:
    lon: float
    lat: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """The task: what and where, and how important (0..9)."""

    case_id: int
    type: CommandType
    lon: float
    lat: float
    priority: int
    video: bool = False


@dataclass(frozen=True, slots=True)
class TaskInHand:
    case_id: int | None
    type: str
    priority: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A terminal as it stands. `recent` counts the tasks it was given in the last four hours."""

    device_id: str
    holder: str | None
    presence: Presence
    spot: Spot | None
    battery: float | None
    capabilities: tuple[str, ...]
    closeness: Closeness
    in_hand: tuple[TaskInHand, ...] = ()
    recent: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """One terminal that can be sent; `rank` 1 is the best."""

    device_id: str
    holder: str | None
    rank: int
    distance_m: float
    travel_s: float
    score: float
    data_age_s: float
    battery: float | None
    spot: Spot
    reasons: tuple[Reason, ...]
    shortfalls: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    device_id: str
    reason: Exclusion


@dataclass(frozen=True, slots=True)
class Ranking:
    """At most ten, best first; `eligible` counts all that could be sent of the `considered`."""

    items: tuple[Ranked, ...]
    considered: int
    eligible: int
    excluded: tuple[Excluded, ...]


def rank(wanted: Wanted, candidates: Sequence[Candidate], now: datetime) -> Ranking:
    """Rank everybody who can be sent. An old position counts only where nobody has a fresh one."""
    able: list[Candidate] = []
    excluded: list[Excluded] = []
    for candidate in candidates:
        if reason := exclusion(wanted, candidate, now):
            excluded.append(Excluded(candidate.device_id, reason))
        else:
            able.append(candidate)
    fresh = [c for c in able if _age_s(c, now) <= FRESH_S]
    if fresh:
        old = [c for c in able if _age_s(c, now) > FRESH_S]
        excluded += [Excluded(c.device_id, Exclusion.OLD_POSITION) for c in old]
        able = fresh
    weighed = sorted((_weigh(wanted, c, now) for c in able), key=lambda r: (r.score, r.device_id))
    items = tuple(replace(r, rank=number) for number, r in enumerate(weighed[:LISTED], start=1))
    return Ranking(items, len(candidates), len(weighed), tuple(excluded))


def exclusion(wanted: Wanted, candidate: Candidate, now: datetime) -> Exclusion | None:
    """Why this terminal cannot be sent whoever else there is; None where it can."""
    same = [t for t in candidate.in_hand if (t.case_id, t.type) == (wanted.case_id, wanted.type)]
    checks = (
        (candidate.presence is not Presence.ONLINE, Exclusion.NOT_ONLINE),
        (candidate.spot is None, Exclusion.NO_POSITION),
        (candidate.spot is not None and _age_s(candidate, now) > USABLE_S, Exclusion.OLD_POSITION),
        (bool(same), Exclusion.ON_IT),
        (candidate.asked, Exclusion.ASKED),
        (any(t.priority > wanted.priority for t in candidate.in_hand), Exclusion.HIGHER_TASK),
        (
            candidate.battery is not None and candidate.battery < LOW_BATTERY_PERCENT,
            Exclusion.LOW_BATTERY,
        ),
        (wanted.video and Capability.VIDEO not in candidate.capabilities, Exclusion.NO_VIDEO),
    )
    return next((reason for holds, reason in checks if holds), None)


def _weigh(wanted: Wanted, candidate: Candidate, now: datetime) -> Ranked:
    spot = candidate.spot
    assert spot is not None
    walk_m = distance_m(spot.lon, spot.lat, wanted.lon, wanted.lat)
    travel_s = walk_m / WALKING_M_S
    age_s = _age_s(candidate, now)
    weak = candidate.battery is not None and candidate.battery < WEAK_BATTERY
    score = (
        travel_s
        # Whoever walks may by now be as many seconds away from where he was seen.
        + age_s
        + TERRITORY_S[candidate.closeness]
        + TASK_S * len(candidate.in_hand)
        + RECENT_TASK_S * candidate.recent
        + (WEAK_BATTERY_S if weak else 0.0)
    )
    return Ranked(
        device_id=candidate.device_id,
        holder=candidate.holder,
        rank=0,
        distance_m=round(walk_m, 1),
        travel_s=round(travel_s, 1),
        score=round(score, 1),
        data_age_s=round(age_s, 1),
        battery=candidate.battery,
        spot=spot,
        reasons=_reasons(candidate, walk_m, travel_s, age_s),
        shortfalls=_shortfalls(candidate, age_s, weak),
    )


def _reasons(
    candidate: Candidate, walk_m: float, travel_s: float, age_s: float
) -> tuple[Reason, ...]:
    reasons = [wording.near(round(walk_m), ceil(travel_s / 60))]
    if candidate.closeness is not Closeness.NONE:
        reasons.append(wording.territory(candidate.closeness))
    if age_s <= FRESH_S:
        reasons.append(wording.fresh(round(age_s)))
    if not candidate.in_hand:
        reasons.append(wording.free())
    return tuple(reasons)


def _shortfalls(candidate: Candidate, age_s: float, weak: bool) -> tuple[Reason, ...]:
    shortfalls = []
    if age_s > FRESH_S:
        shortfalls.append(wording.old_position(ceil(age_s / 60)))
    if candidate.in_hand:
        shortfalls.append(wording.has_tasks(len(candidate.in_hand)))
    if candidate.recent:
        shortfalls.append(wording.not_rested(candidate.recent))
    if weak and candidate.battery is not None:
        shortfalls.append(wording.weak_battery(round(candidate.battery)))
    if candidate.battery is None:
        shortfalls.append(wording.unknown_battery())
    if candidate.closeness is Closeness.NONE:
        shortfalls.append(wording.foreign_territory())
    if Capability.VIDEO not in candidate.capabilities:
        shortfalls.append(wording.no_video())
    return tuple(shortfalls)


def _age_s(candidate: Candidate, now: datetime) -> float:
    assert candidate.spot is not None
    return max(0.0, (now - candidate.spot.observed_at).total_seconds())
