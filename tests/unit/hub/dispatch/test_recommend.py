from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.dispatch.candidates import closeness
from hub.dispatch.recommend import (
    LISTED,
    LISTED_EXCLUSIONS,
    Closeness,
    Exclusion,
    TaskWanted,
)
from tests.unit.hub.dispatch.plain_ranking import (
    LAT,
    LON,
    Someone,
    TaskInHand,
    plain_ranking,
    ranking_of,
)
from wire.messages import CommandType

WANTED = TaskWanted(1, CommandType.GUARD, LON, LAT, priority=5)
OTHER_GUARD = TaskInHand(9, CommandType.GUARD, 5)


def ids(*people: Someone, wanted: TaskWanted = WANTED) -> list[str]:
    return [item.device_id for item in ranking_of(wanted, people).items]


def only_exclusion(one: Someone, wanted: TaskWanted = WANTED) -> Exclusion:
    ranking = ranking_of(wanted, [one])
    assert not ranking.items
    return ranking.excluded[0].reason


def test_the_nearest_is_the_best_and_is_told_with_distance_and_walk() -> None:
    ranking = ranking_of(WANTED, [Someone("T-1", metres=400), Someone("T-2", metres=130)])
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
        ({"silent_s": 181}, Exclusion.NOT_ONLINE),
        ({"lost": True}, Exclusion.NOT_ONLINE),
        ({"silent_s": None}, Exclusion.NOT_ONLINE),
        ({"metres": None}, Exclusion.NO_POSITION),
        ({"battery": 14.9}, Exclusion.LOW_BATTERY),
        ({"in_hand": (TaskInHand(9, CommandType.DISPATCH, 6),)}, Exclusion.HIGHER_TASK),
        ({"in_hand": (TaskInHand(1, CommandType.GUARD, 5),)}, Exclusion.ON_IT),
        ({"asked": True}, Exclusion.ASKED),
    ],
)
def test_who_cannot_be_sent_is_left_out_with_the_reason(change, reason) -> None:
    assert only_exclusion(replace(Someone(), **change)) is reason


def test_a_terminal_without_video_is_left_out_only_if_video_is_wanted() -> None:
    blind = replace(Someone(), has_video=False)
    assert only_exclusion(blind, replace(WANTED, video=True)) is Exclusion.NO_VIDEO
    (item,) = ranking_of(WANTED, [blind]).items
    assert [shortfall.code for shortfall in item.shortfalls] == ["no_video"]


def test_an_old_position_counts_only_if_nobody_has_a_fresh_one_and_is_flagged() -> None:
    old, fresh = Someone("T-1", age_s=121), Someone("T-2", metres=900, age_s=120)
    both = ranking_of(WANTED, [old, fresh])
    assert [item.device_id for item in both.items] == ["T-2"]
    assert both.excluded[0].reason is Exclusion.OLD_POSITION
    (alone,) = ranking_of(WANTED, [old]).items
    assert [shortfall.code for shortfall in alone.shortfalls] == ["old_position"]
    assert alone.data_age_s == 121


def test_a_position_of_more_than_half_an_hour_ago_never_counts() -> None:
    assert only_exclusion(Someone(age_s=1801)) is Exclusion.OLD_POSITION
    assert ids(Someone(age_s=1800)) == ["T-1"]


def test_a_position_from_a_clock_that_is_ahead_is_not_younger_than_now() -> None:
    (item,) = ranking_of(WANTED, [Someone(age_s=-30)]).items
    assert item.data_age_s == 0


@pytest.mark.parametrize(
    "change",
    [
        {"closeness": Closeness.TOWNSHIP},
        {"in_hand": (OTHER_GUARD,)},
        {"recent": 1},
        {"battery": 29.0},
    ],
)
def test_what_speaks_against_a_terminal_puts_it_behind_an_equal_one(change) -> None:
    assert ids(replace(Someone("T-1"), **change), Someone("T-2")) == ["T-2", "T-1"]


def test_a_neighbouring_village_next_to_it_is_better_than_the_own_village_far_away() -> None:
    neighbour = replace(Someone("T-1", metres=50), closeness=Closeness.TOWNSHIP)
    assert ids(Someone("T-2", metres=600), neighbour) == ["T-1", "T-2"]


def test_equals_are_ranked_by_id_so_that_the_answer_is_always_the_same() -> None:
    assert ids(Someone("T-2"), Someone("T-1")) == ["T-1", "T-2"]


def test_the_list_ends_at_ten_and_says_how_many_there_were() -> None:
    ranking = ranking_of(WANTED, [Someone(f"T-{n:02}", metres=n * 10) for n in range(25)])
    assert [item.rank for item in ranking.items] == list(range(1, LISTED + 1))
    assert ranking.eligible == 25


def test_the_exclusions_are_counted_whole_and_the_first_fifty_are_named() -> None:
    ranking = ranking_of(WANTED, [Someone(f"T-{n:02}", lost=n < 60) for n in range(70)])
    assert len(ranking.excluded) == LISTED_EXCLUSIONS
    assert ranking.excluded_counts == {Exclusion.NOT_ONLINE: 60}


TASKS = st.builds(
    TaskInHand,
    case_id=st.sampled_from([None, 1, 2]),
    type=st.sampled_from([CommandType.GUARD, CommandType.DISPATCH]),
    priority=st.sampled_from([3, 5, 7]),
)
PEOPLE = st.lists(
    st.builds(
        Someone,
        device_id=st.integers(0, 200).map("T-{:03}".format),
        metres=st.none() | st.floats(0, 20_000),
        age_s=st.sampled_from([-5, 0, 119.9, 120, 120.1, 500, 1800, 1800.1]),
        silent_s=st.sampled_from([None, 0, 29.9, 30, 30.1, 181, -1]),
        lost=st.booleans(),
        battery=st.none() | st.sampled_from([14.9, 15.0, 29.9, 30.0, 80.0]),
        has_video=st.booleans(),
        closeness=st.sampled_from(Closeness),
        in_hand=st.lists(TASKS, max_size=2).map(tuple),
        recent=st.integers(0, 2),
        asked=st.booleans(),
    )
    | st.builds(
        Someone,
        device_id=st.integers(0, 200).map("T-{:03}".format),
        metres=st.floats(0, 20_000),
        closeness=st.sampled_from(Closeness),
        recent=st.integers(0, 2),
        battery=st.none() | st.floats(15, 100),
    ),
    unique_by=lambda someone: someone.device_id,
    max_size=80,
)


@given(people=PEOPLE, video=st.booleans())
def test_any_terminals_are_ranked_as_the_plain_rule_says(people, video) -> None:
    wanted = replace(WANTED, video=video)
    ranking = ranking_of(wanted, people)
    assert plain_ranking(wanted, people) == {
        "items": [(item.device_id, item.score) for item in ranking.items],
        "eligible": ranking.eligible,
        "excluded": [(each.device_id, each.reason) for each in ranking.excluded],
        "counts": ranking.excluded_counts,
    }


def test_every_reason_has_both_languages() -> None:
    tired = replace(
        Someone(age_s=200),
        battery=20.0,
        closeness=Closeness.NONE,
        has_video=False,
        in_hand=(TaskInHand(9, CommandType.GUARD, 1),),
        recent=2,
    )
    (item,) = ranking_of(WANTED, [tired, replace(tired, battery=14.0)]).items
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
