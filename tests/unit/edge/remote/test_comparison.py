from datetime import UTC, datetime

import pytest

from edge.boxes import ImageBox
from edge.detector import Observation
from edge.remote.comparison import (
    AcceptanceRules,
    ModelComparison,
    compared,
    figures_of,
    objection,
    settled,
)
from edge.tracking.kinds import ObjectKind
from edge.tracking.track import ObjectTrack, TrackState

AT = datetime(2025, 8, 7, tzinfo=UTC)
HERE, THERE = ImageBox(0.4, 0.6, 0.1, 0.1), ImageBox(0.1, 0.1, 0.1, 0.1)
RULES = AcceptanceRules(looks=10, slowest=1.5, least_agreement=0.6, most_extra=2.0)


def observation(label: str, box: ImageBox = HERE) -> Observation:
    return Observation(label, 0.8, 0.4, box)


def track(state: TrackState = TrackState.CONFIRMED, box: ImageBox = HERE) -> ObjectTrack:
    return ObjectTrack(
        "d", "C-001", ObjectKind.MANHOLE, state, "manhole_broken", box, 0.8, AT, AT, AT
    )


def tried(old, new, tracks=(), view_ms=(10.0, 10.0), looks=10) -> ModelComparison:
    comparison = ModelComparison()
    for _ in range(looks):
        comparison = compared(comparison, old, new, tracks, view_ms)
    return comparison


def test_a_model_that_sees_the_same_as_fast_is_taken() -> None:
    broken = [observation("manhole_broken")]
    assert objection(tried(broken, broken, [track()]), RULES) is None


def test_another_state_of_the_same_cover_is_agreement() -> None:
    comparison = tried([observation("manhole_broken")], [observation("manhole_open")], [track()])
    assert (comparison.known, comparison.agreed, comparison.extra) == (10, 10, 0)


def test_a_model_blind_to_confirmed_faults_is_refused_with_the_numbers() -> None:
    reason = objection(tried([observation("manhole_broken")], [], [track()]), RULES)
    assert reason is not None
    assert "0 of 10 confirmed faults" in reason


def test_a_confirmed_fault_that_the_old_model_does_not_see_now_says_nothing() -> None:
    comparison = tried([], [], [track()])
    assert comparison.known == 0
    assert objection(comparison, RULES) is None


def test_a_model_that_sees_faults_everywhere_is_refused() -> None:
    many = [observation("pothole", ImageBox(k / 10, 0.1, 0.05, 0.05)) for k in range(3)]
    reason = objection(tried([], many), RULES)
    assert reason is not None
    assert "3.0 faults per look" in reason


def test_a_new_fault_here_and_there_is_what_a_better_model_is_for() -> None:
    assert objection(tried([], [observation("pothole", THERE)]), RULES) is None


def test_sound_things_and_known_candidates_are_not_extra() -> None:
    new = [
        observation("manhole_good", THERE),
        observation("manhole_broken"),
        observation("a_new_class"),
    ]
    assert tried([], new, [track(TrackState.TENTATIVE)]).extra == 0


def test_a_slow_model_is_refused_by_medians_so_that_one_hiccup_does_not_count() -> None:
    slow = tried([], [], view_ms=(10.0, 16.0))
    assert "16.0 ms per view" in str(objection(slow, RULES))
    hiccup = compared(tried([], [], view_ms=(10.0, 12.0), looks=9), [], [], [], (10.0, 900.0))
    assert objection(hiccup, RULES) is None


@pytest.mark.parametrize(("looks", "over"), [(0, False), (9, False), (10, True)])
def test_a_shadow_evaluation_lasts_for_its_looks(looks: int, over: bool) -> None:
    assert settled(tried([], [], looks=looks), RULES) is over


def test_a_failure_ends_it_at_once() -> None:
    failed = ModelComparison(failure="RuntimeError: no")
    assert settled(failed, RULES)
    assert "look 1: RuntimeError: no" in str(objection(failed, RULES))
    assert figures_of(failed, RULES).failures == 1
