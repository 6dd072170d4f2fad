"""Rank the terminals for a task, and give the reasons. Pure.

The score is in seconds, and the lowest is best: the walk, plus penalties.
"""

from bisect import insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from hub.devices.device import LOW_BATTERY_PERCENT, ONLINE_WITHIN_S
from hub.dispatch import wording
from hub.dispatch.wording import Remark
from hub.geo.distance import distances_m
from wire.messages import CommandType

WALKING_M_S = 1.3
FRESH_S = 120.0
USABLE_S = 1800.0
WEAK_BATTERY = 30.0
LISTED = 10
LISTED_EXCLUSIONS = 50

TASK_S = 300.0
"""The penalty for a task in hand."""
RECENT_TASK_S = 60.0
"""The penalty for a task of the last hours: holders who have rested go first."""
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
    CALLER = "caller"
    """Is the terminal of the person who needs help."""
    ON_IT = "on_it"
    """Has this task in hand already."""
    ASKED = "asked"
    """Was given this task, and did not answer or declined it."""


class Candidate(NamedTuple):
    """The state of a terminal; `lon`, `lat` and `observed_at` are None if it has never reported a position.

    It is a tuple because every new case reads all terminals.
    """

    device_id: str
    holder: str | None
    unit_key: str | None
    has_video: bool
    last_uplink_at: datetime | None
    last_will_at: datetime | None
    lon: float | None
    lat: float | None
    observed_at: datetime | None
    battery: float | None


@dataclass(frozen=True, slots=True)
class TaskWanted:
    """A task to find a terminal for: its type, place and priority (0..9).

    `caller` is the terminal of a person in danger: it is never sent, and of all others the nearest is
    best, whatever its territory and its other tasks.
    """

    case_id: int
    type: CommandType
    lon: float
    lat: float
    priority: int
    video: bool = False
    caller: str | None = None


class TasksInHand(NamedTuple):
    """The tasks of one device that haven't ended, and whether the wanted one is among them."""

    number: int
    highest_priority: int
    has_wanted: bool


NO_TASKS = TasksInHand(0, -1, has_wanted=False)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Further facts that count: tasks by device, and `closeness` by the unit of a terminal.

    `recent` counts the tasks of the last four hours. `asked`: the devices that had this task before.
    """

    closeness: Mapping[str | None, Closeness]
    in_hand: Mapping[str, TasksInHand]
    recent: Mapping[str, int]
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TerminalPosition:
    """Where a terminal was last seen, and when."""

    lon: float
    lat: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Ranked:
    """One terminal that can be sent; `rank` 1 is the best.

    `score` is in seconds, the lowest is best; the walk assumes 1.3 m/s in a straight line.
    """

    device_id: str
    holder: str | None
    rank: int
    distance_m: float
    travel_s: float
    score: float
    data_age_s: float
    battery: float | None
    reasons: tuple[Remark, ...]
    shortfalls: tuple[Remark, ...]
    position: TerminalPosition


@dataclass(frozen=True, slots=True)
class Excluded:
    """A terminal that cannot be sent, and why."""

    device_id: str
    reason: Exclusion


@dataclass(frozen=True, slots=True)
class Ranking:
    """At most ten, best first; `eligible` counts all that could be sent of the `considered`.

    `excluded` names the first fifty that can't be sent; `excluded_counts` counts all of them.
    """

    items: tuple[Ranked, ...]
    considered: int
    eligible: int
    excluded: tuple[Excluded, ...]
    excluded_counts: Mapping[Exclusion, int]


def rank(
    wanted: TaskWanted,
    candidates: Sequence[Candidate],
    circumstances: Circumstances,
    now: datetime,
) -> Ranking:
    """Rank all that can be sent. Terminals with an old position count only if none has a fresh one."""
    able: list[Candidate] = []
    excluded: list[tuple[str, Exclusion]] = []
    exclusion_of = _Sieve(wanted, circumstances, now).exclusion_of
    for candidate in candidates:
        if reason := exclusion_of(candidate):
            excluded.append((candidate.device_id, reason))
        else:
            able.append(candidate)
    fresh_since = now - timedelta(seconds=FRESH_S)
    old = [c.device_id for c in able if c.observed_at is not None and c.observed_at < fresh_since]
    if len(old) < len(able):
        excluded += [(device_id, Exclusion.OLD_POSITION) for device_id in old]
        outdated = set(old)
        able = [c for c in able if c.device_id not in outdated]
    best = _best(wanted, able, circumstances, now)
    return Ranking(
        items=tuple(_ranked(number, each) for number, each in enumerate(best, start=1)),
        considered=len(candidates),
        eligible=len(able),
        excluded=tuple(Excluded(*each) for each in excluded[:LISTED_EXCLUSIONS]),
        excluded_counts=Counter(reason for _, reason in excluded),
    )


class _Sieve:
    """Excludes the terminals that cannot be sent, regardless of the others."""

    __slots__ = ("_circumstances", "_online_since", "_usable_since", "_wanted")

    def __init__(self, wanted: TaskWanted, circumstances: Circumstances, now: datetime) -> None:
        self._wanted = wanted
        self._circumstances = circumstances
        self._online_since = now - timedelta(seconds=ONLINE_WITHIN_S)
        self._usable_since = now - timedelta(seconds=USABLE_S)

    def exclusion_of(self, candidate: Candidate) -> Exclusion | None:
        """Why this terminal cannot be sent; None if it can."""
        device_id, _, _, has_video, uplink_at, will_at, lon, lat, observed_at, battery = candidate
        if (
            uplink_at is None
            or uplink_at < self._online_since
            or (will_at is not None and will_at > uplink_at)
        ):
            return Exclusion.NOT_ONLINE
        if lon is None or lat is None or observed_at is None:
            return Exclusion.NO_POSITION
        if observed_at < self._usable_since:
            return Exclusion.OLD_POSITION
        if reason := self._occupied(device_id):
            return reason
        if battery is not None and battery < LOW_BATTERY_PERCENT:
            return Exclusion.LOW_BATTERY
        return Exclusion.NO_VIDEO if self._wanted.video and not has_video else None

    def _occupied(self, device_id: str) -> Exclusion | None:
        if device_id == self._wanted.caller:
            return Exclusion.CALLER
        tasks = self._circumstances.in_hand.get(device_id, NO_TASKS)
        if tasks.has_wanted:
            return Exclusion.ON_IT
        if device_id in self._circumstances.asked:
            return Exclusion.ASKED
        return Exclusion.HIGHER_TASK if tasks.highest_priority > self._wanted.priority else None


class _Weighed(NamedTuple):
    """The score of a terminal, in seconds; equals are ordered by their ids."""

    score: float
    device_id: str
    candidate: Candidate
    walk_m: float
    age_s: float
    closeness: Closeness
    in_hand: int
    recent: int


def _best(
    wanted: TaskWanted,
    able: Sequence[Candidate],
    circumstances: Circumstances,
    now: datetime,
) -> list[_Weighed]:
    """The LISTED best, best first. Nobody is weighed whose walk alone is longer than their scores."""
    walks = distances_m([(c.lon or 0.0, c.lat or 0.0) for c in able], wanted.lon, wanted.lat)
    best: list[_Weighed] = []
    for nth in sorted(range(len(able)), key=walks.__getitem__):
        if len(best) == LISTED and round(walks[nth] / WALKING_M_S, 1) > best[-1].score:
            break
        insort(best, _weigh(wanted, able[nth], walks[nth], circumstances, now))
        del best[LISTED:]
    return best


def _weigh(
    wanted: TaskWanted,
    candidate: Candidate,
    walk_m: float,
    circumstances: Circumstances,
    now: datetime,
) -> _Weighed:
    device_id, battery, observed_at = candidate.device_id, candidate.battery, candidate.observed_at
    assert observed_at is not None
    age_s = max(0.0, (now - observed_at).total_seconds())
    closeness = circumstances.closeness[candidate.unit_key]
    in_hand = circumstances.in_hand.get(device_id, NO_TASKS).number
    recent = circumstances.recent.get(device_id, 0)
    # The holder may have walked that many seconds away from the last position by now.
    score = walk_m / WALKING_M_S + age_s
    if wanted.caller is None:
        score += TERRITORY_S[closeness] + TASK_S * in_hand + RECENT_TASK_S * recent
        score += WEAK_BATTERY_S if battery is not None and battery < WEAK_BATTERY else 0.0
    return _Weighed(
        round(score, 1), device_id, candidate, walk_m, age_s, closeness, in_hand, recent
    )


def _ranked(number: int, weighed: _Weighed) -> Ranked:
    candidate = weighed.candidate
    lon, lat, observed_at = candidate.lon, candidate.lat, candidate.observed_at
    assert lon is not None
    assert lat is not None
    assert observed_at is not None
    return Ranked(
        device_id=candidate.device_id,
        holder=candidate.holder,
        rank=number,
        distance_m=round(weighed.walk_m, 1),
        travel_s=round(weighed.walk_m / WALKING_M_S, 1),
        score=weighed.score,
        data_age_s=round(weighed.age_s, 1),
        battery=candidate.battery,
        reasons=_reasons(weighed),
        shortfalls=_shortfalls(weighed),
        position=TerminalPosition(lon, lat, observed_at),
    )


def _reasons(weighed: _Weighed) -> tuple[Remark, ...]:
    minutes = ceil(weighed.walk_m / WALKING_M_S / 60)
    reasons = [wording.near(round(weighed.walk_m), minutes)]
    if weighed.closeness is not Closeness.NONE:
        reasons.append(wording.territory(weighed.closeness))
    if weighed.age_s <= FRESH_S:
        reasons.append(wording.fresh(round(weighed.age_s)))
    if not weighed.in_hand:
        reasons.append(wording.free())
    return tuple(reasons)


def _shortfalls(weighed: _Weighed) -> tuple[Remark, ...]:
    battery = weighed.candidate.battery
    shortfalls = []
    if weighed.age_s > FRESH_S:
        shortfalls.append(wording.old_position(ceil(weighed.age_s / 60)))
    if weighed.in_hand:
        shortfalls.append(wording.has_tasks(weighed.in_hand))
    if weighed.recent:
        shortfalls.append(wording.not_rested(weighed.recent))
    if battery is not None and battery < WEAK_BATTERY:
        shortfalls.append(wording.weak_battery(round(battery)))
    if battery is None:
        shortfalls.append(wording.unknown_battery())
    if weighed.closeness is Closeness.NONE:
        shortfalls.append(wording.foreign_territory())
    if not weighed.candidate.has_video:
        shortfalls.append(wording.no_video())
    return tuple(shortfalls)
