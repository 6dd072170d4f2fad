"""Which places of samples are trusted, and when a terminal has moved after all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hub.geo.fix import FixFault, reach_of
from hub.geo.jump import TimedPlace
from hub.ingest.judging import SampleJudge

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
HOME, FAR = (103.8, 25.6), (103.4, 25.6)
REACH = reach_of(103.0, 25.0, 104.0, 26.0, 20_000)
JUMP = FixFault.JUMP


def place(after_s: float, at: tuple[float, float] = HOME) -> TimedPlace:
    return TimedPlace(*at, 10.0, NOW + timedelta(seconds=after_s))


def judged(judge: SampleJudge, *places: TimedPlace, backlog: bool = False) -> list[FixFault | None]:
    faults = judge.faults("T-1", places, backlog=backlog)
    return [faults.get(index) for index in range(len(places))]


def at_home() -> SampleJudge:
    judge = SampleJudge(REACH)
    assert judged(judge, place(0)) == [None]
    return judge


def test_a_jump_is_flagged_and_the_next_place_near_the_last_one_is_taken() -> None:
    judge = at_home()
    assert judged(judge, place(10, FAR)) == [JUMP]
    assert judged(judge, place(20), place(30)) == [None, None]


def test_three_places_in_a_row_that_agree_are_believed() -> None:
    judge = at_home()
    assert judged(judge, *(place(s, FAR) for s in (10, 20, 30, 40))) == [JUMP, JUMP, None, None]
    assert judged(judge, place(50)) == [JUMP]


def test_three_places_that_disagree_are_not_believed() -> None:
    judge = at_home()
    elsewhere = [(103.4, 25.6), (103.2, 25.3), (103.4, 25.6), (103.2, 25.3)]
    places = [place(10 * n, at) for n, at in enumerate(elsewhere, 1)]
    assert judged(judge, *places) == [JUMP] * 4


def test_three_places_within_a_moment_are_not_believed_yet() -> None:
    judge = at_home()
    assert judged(judge, *(place(s, FAR) for s in (10, 11, 12, 13))) == [JUMP] * 4
    assert judged(judge, place(20, FAR)) == [None]


def test_a_message_that_comes_again_makes_no_jump_believed() -> None:
    judge = at_home()
    for _ in range(5):
        assert judged(judge, place(10, FAR)) == [JUMP]


def test_no_fix_makes_no_difference_to_what_is_believed() -> None:
    judge = at_home()
    island, pole = place(10, (0.0, 0.0)), place(11, (103.8, 90.0))
    assert judged(judge, island, pole) == [FixFault.ZERO, FixFault.OUTSIDE]
    assert judged(judge, place(12)) == [None]


def test_a_backlog_is_judged_by_itself_and_changes_nothing() -> None:
    judge = at_home()
    late = [place(-3600 + s, FAR) for s in (0, 10)]
    assert judged(judge, *late, place(-3580), backlog=True) == [None, None, JUMP]
    assert judged(judge, place(10)) == [None]


def test_whoever_is_far_away_after_a_long_silence_has_travelled() -> None:
    assert judged(at_home(), place(3600, FAR)) == [None]


def test_a_place_that_another_process_stored_is_taken_over_if_it_is_newer() -> None:
    judge = at_home()
    judge.movements.remember({"T-1": place(5, FAR), "T-2": place(0, FAR)})
    assert judged(judge, place(10, FAR)) == [None]
    judge.movements.remember({"T-1": place(5)})
    assert judged(judge, place(20, FAR)) == [None]


def near(judge: SampleJudge, places: Sequence[tuple[float, float]]) -> bool:
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    return judge.stays_near("T-1", min(lons), min(lats), max(lons), max(lats))


def test_the_fast_answer_is_given_only_where_nothing_can_be_wrong() -> None:
    assert not near(SampleJudge(REACH), [HOME])
    assert near(at_home(), [HOME, (103.801, 25.601)])
    assert not near(at_home(), [HOME, FAR])
    assert not near(at_home(), [HOME, (0.0, 0.0)])
    edge = SampleJudge(REACH)
    assert judged(edge, place(0, (REACH.east, 25.6))) == [None]
    assert not near(edge, [(REACH.east + 0.001, 25.6)])
    origin = SampleJudge()
    assert judged(origin, place(0, (0.001, 10.0))) == [None]
    assert not near(origin, [(0.0, 10.0)])
