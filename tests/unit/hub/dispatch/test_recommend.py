from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.devices.device import Presence
from hub.dispatch.candidates import closeness
from hub.dispatch.recommend import (
    LISTED,
    Candidate,
    Closeness,
    Exclusion,
    Spot,
    TaskInHand,
    Wanted,
    rank,
)
from wire.messages import CommandType

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.60
WANTED = Wanted(1, CommandType.GUARD, LON, LAT, priority=5)


def candidate(device_id: str = "T-1", *, metres: float = 130, age_s: float = 0) -> Candidate:
    """Online, free, charged, in the same village, so many metres to the north."""
    return Candidate(
        device_id=device_id,
        holder="网格员 0012",
        presence=Presence.ONLINE,
        spot=Spot(LON, LAT + metres / 110_780, NOW - timedelta(seconds=age_s)),
        battery=80,
        capabilities=("video", "photo"),
        closeness=Closeness.VILLAGE,
    )


def ids(*candidates: Candidate, wanted: Wanted = WANTED) -> list[str]:
    return [item.device_id for item in rank(wanted, candidates, NOW).items]


def only_exclusion(one: Candidate, wanted: Wanted = WANTED) -> Exclusion:
    ranking = rank(wanted, [one], NOW)
    assert not ranking.items
    return ranking.excluded[0].reason


def test_the_nearest_is_the_best_and_is_told_with_distance_and_walk() -> None:
    ranking = rank(WANTED, [candidate("T-1", metres=400), candidate("T-2", metres=130)], NOW)
    best = ranking.items[0]
    assert (best.device_id, best.rank) == ("T-2", 1)
    assert best.distance_m == pytest.approx(130, abs=1)
    assert best.travel_s == pytest.approx(100, abs=1)
    assert best.score == pytest.approx(100, abs=1)
    assert [reason.code for reason in best.reasons] == ["near", "same_village", "fresh", "free"]
    assert best.shortfalls == ()
    assert (ranking.considered, ranking.eligible) == (2, 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"presence": Presence.OFFLINE}, Exclusion.NOT_ONLINE),
        ({"presence": Presence.STALE}, Exclusion.NOT_ONLINE),
        ({"presence": Presence.NEVER}, Exclusion.NOT_ONLINE),
        ({"spot": None}, Exclusion.NO_POSITION),
        ({"battery": 14.9}, Exclusion.LOW_BATTERY),
        ({"in_hand": (TaskInHand(9, "dispatch", 6),)}, Exclusion.HIGHER_TASK),
        ({"in_hand": (TaskInHand(1, "guard", 5),)}, Exclusion.ON_IT),
        ({"asked": True}, Exclusion.ASKED),
    ],
)
def test_who_cannot_be_sent_is_left_out_with_the_reason(change, reason) -> None:
    assert only_exclusion(replace(candidate(), **change)) is reason


def test_a_terminal_without_video_is_left_out_only_where_video_is_wanted() -> None:
    blind = replace(candidate(), capabilities=("photo",))
    assert only_exclusion(blind, replace(WANTED, video=True)) is Exclusion.NO_VIDEO
    (item,) = rank(WANTED, [blind], NOW).items
    assert [shortfall.code for shortfall in item.shortfalls] == ["no_video"]


def test_an_old_position_counts_only_where_nobody_has_a_fresh_one_and_is_flagged() -> None:
    old, fresh = candidate("T-1", age_s=121), candidate("T-2", metres=900, age_s=120)
    both = rank(WANTED, [old, fresh], NOW)
    assert [item.device_id for item in both.items] == ["T-2"]
    assert both.excluded[0].reason is Exclusion.OLD_POSITION
    (alone,) = rank(WANTED, [old], NOW).items
    assert [shortfall.code for shortfall in alone.shortfalls] == ["old_position"]
    assert alone.data_age_s == 121


def test_a_position_of_more_than_half_an_hour_ago_never_counts() -> None:
    assert only_exclusion(candidate(age_s=1801)) is Exclusion.OLD_POSITION
    assert ids(candidate(age_s=1800)) == ["T-1"]


def test_a_position_from_a_clock_that_is_ahead_is_not_younger_than_now() -> None:
    (item,) = rank(WANTED, [candidate(age_s=-30)], NOW).items
    assert item.data_age_s == 0


@pytest.mark.parametrize(
    "change",
    [
        {"closeness": Closeness.TOWNSHIP},
        {"in_hand": (TaskInHand(9, "guard", 5),)},
        {"recent": 1},
        {"battery": 29.0},
    ],
)
def test_what_speaks_against_a_terminal_puts_it_behind_an_equal_one(change) -> None:
    assert ids(replace(candidate("T-1"), **change), candidate("T-2")) == ["T-2", "T-1"]


def test_a_neighbouring_village_next_to_it_is_better_than_the_own_village_far_away() -> None:
    neighbour = replace(candidate("T-1", metres=50), closeness=Closeness.TOWNSHIP)
    assert ids(candidate("T-2", metres=600), neighbour) == ["T-1", "T-2"]


def test_equals_are_ranked_by_id_so_that_the_answer_is_always_the_same() -> None:
    assert ids(candidate("T-2"), candidate("T-1")) == ["T-1", "T-2"]


def test_the_list_ends_at_ten_and_says_how_many_there_were() -> None:
    ranking = rank(WANTED, [candidate(f"T-{n:02}", metres=n * 10) for n in range(25)], NOW)
    assert [item.rank for item in ranking.items] == list(range(1, LISTED + 1))
    assert ranking.eligible == 25


def test_every_reason_has_both_languages() -> None:
    tired = replace(
        candidate(age_s=200),
        battery=20.0,
        closeness=Closeness.NONE,
        capabilities=(),
        in_hand=(TaskInHand(9, "guard", 1),),
        recent=2,
    )
    (item,) = rank(WANTED, [tired, replace(tired, battery=14.0)], NOW).items
    told = item.reasons + item.shortfalls
    assert {"near", "old_position", "has_tasks", "not_rested", "weak_battery"} <= {
        reason.code for reason in told
    }
    assert all(reason.text_zh and reason.text_en for reason in told)


TERRITORIES = {
    "district": (None, "district"),
    "town_01": ("district", "township"),
    "town_02": ("district", "township"),
    "village_001": ("town_01", "village"),
    "village_002": ("town_01", "village"),
    "village_003": ("town_02", "village"),
}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("village_001", "village_001", Closeness.VILLAGE),
        ("village_001", "village_002", Closeness.TOWNSHIP),
        ("village_001", "village_003", Closeness.DISTRICT),
        ("town_01", "village_001", Closeness.TOWNSHIP),
        ("housing_bureau", "village_001", Closeness.NONE),
        (None, "village_001", Closeness.NONE),
        ("village_001", None, Closeness.NONE),
    ],
)
def test_how_close_two_units_are(one, other, expected) -> None:
    assert closeness(TERRITORIES, one, other) is expected
