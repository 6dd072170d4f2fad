"""The rule of ranking written down plainly, one terminal after the other, to hold the quick one to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hub.devices.device import Presence, presence_of
from hub.dispatch.recommend import (
    Candidate,
    Circumstances,
    Closeness,
    Exclusion,
    Ranking,
    TasksInHand,
    TaskWanted,
    rank,
)
from hub.geo.distance import distance_m
from wire.messages import CommandType

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.60
COST_S = {
    Closeness.VILLAGE: 0,
    Closeness.TOWNSHIP: 60,
    Closeness.DISTRICT: 180,
    Closeness.NONE: 600,
}


class TaskInHand(NamedTuple):
    """A task that a device has and that hasn't ended."""

    case_id: int | None
    type: CommandType
    priority: int


@dataclass(frozen=True)
class Someone:
    """A terminal with all that counts for its rank; free, charged and in the same village at first."""

    device_id: str = "T-1"
    metres: float | None = 130
    """To the north of the case; None: never seen anywhere."""
    age_s: float = 0
    silent_s: float | None = 0
    """None: never heard of."""
    lost: bool = False
    battery: float | None = 80
    has_video: bool = True
    closeness: Closeness = Closeness.VILLAGE
    in_hand: tuple[TaskInHand, ...] = ()
    recent: int = 0
    asked: bool = False

    @property
    def candidate(self) -> Candidate:
        heard_at = None if self.silent_s is None else NOW - timedelta(seconds=self.silent_s)
        seen = self.metres is not None
        return Candidate(
            device_id=self.device_id,
            holder="网格员 0012",
            unit_key=self.closeness,
            has_video=self.has_video,
            last_uplink_at=heard_at,
            last_will_at=(heard_at or NOW) + timedelta(seconds=1) if self.lost else None,
            lon=LON if seen else None,
            lat=LAT + (self.metres or 0) / 110_780 if seen else None,
            observed_at=NOW - timedelta(seconds=self.age_s) if seen else None,
            battery=self.battery,
        )


def ranking_of(wanted: TaskWanted, people: Sequence[Someone]) -> Ranking:
    """What the hub makes of them."""
    circumstances = Circumstances(
        closeness={each: each for each in Closeness},
        in_hand={
            each.device_id: _together(wanted, each.in_hand) for each in people if each.in_hand
        },
        recent={each.device_id: each.recent for each in people if each.recent},
        asked=frozenset(each.device_id for each in people if each.asked),
    )
    return rank(wanted, [each.candidate for each in people], circumstances, NOW)


def _together(wanted: TaskWanted, tasks: Sequence[TaskInHand]) -> TasksInHand:
    return TasksInHand(
        len(tasks),
        max(each.priority for each in tasks),
        (wanted.case_id, wanted.type) in {(each.case_id, each.type) for each in tasks},
    )


def plain_ranking(wanted: TaskWanted, people: Sequence[Someone]) -> dict[str, Any]:
    """The scores of the best ten, the first fifty exclusions and the counts, found slowly."""
    excluded = [(each.device_id, why) for each in people if (why := _exclusion(wanted, each))]
    out = {device_id for device_id, _ in excluded}
    able = [each for each in people if each.device_id not in out]
    if any(_age_s(each) <= 120 for each in able):
        excluded += [(e.device_id, Exclusion.OLD_POSITION) for e in able if _age_s(e) > 120]
        able = [each for each in able if _age_s(each) <= 120]
    scores = sorted((_score(wanted, each), each.device_id) for each in able)
    return {
        "items": [(device_id, score) for score, device_id in scores[:10]],
        "eligible": len(able),
        "excluded": excluded[:50],
        "counts": dict(Counter(why for _, why in excluded)),
    }


def _exclusion(wanted: TaskWanted, someone: Someone) -> Exclusion | None:
    one = someone.candidate
    here = [(t.case_id, t.type) == (wanted.case_id, wanted.type) for t in someone.in_hand]
    presence = presence_of(NOW, one.last_uplink_at, one.last_will_at)
    checks = (
        (presence is not Presence.ONLINE, Exclusion.NOT_ONLINE),
        (one.observed_at is None, Exclusion.NO_POSITION),
        (_age_s(someone) > 1800, Exclusion.OLD_POSITION),
        (any(here), Exclusion.ON_IT),
        (someone.asked, Exclusion.ASKED),
        (any(t.priority > wanted.priority for t in someone.in_hand), Exclusion.HIGHER_TASK),
        (one.battery is not None and one.battery < 15, Exclusion.LOW_BATTERY),
        (wanted.video and not one.has_video, Exclusion.NO_VIDEO),
    )
    return next((reason for holds, reason in checks if holds), None)


def _score(wanted: TaskWanted, someone: Someone) -> float:
    one = someone.candidate
    assert one.lon is not None
    assert one.lat is not None
    weak = one.battery is not None and one.battery < 30
    return round(
        distance_m(one.lon, one.lat, wanted.lon, wanted.lat) / 1.3
        + _age_s(someone)
        + COST_S[someone.closeness]
        + 300 * len(someone.in_hand)
        + 60 * someone.recent
        + 120 * weak,
        1,
    )


def _age_s(someone: Someone) -> float:
    seen_at = someone.candidate.observed_at
    return 0.0 if seen_at is None else max(0.0, (NOW - seen_at).total_seconds())
