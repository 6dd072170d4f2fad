from datetime import UTC, datetime

import pytest

from edge.boxes import Box
from edge.detector import Sighting
from edge.remote.trial import Rules, Tally, compared, figures_of, objection, settled
from edge.slots.kinds import Kind
from edge.slots.slot import Slot, SlotState

AT = datetime(2025, 8, 7, tzinfo=UTC)
HERE, THERE = Box(0.4, 0.6, 0.1, 0.1), Box(0.1, 0.1, 0.1, 0.1)
RULES = Rules(looks=10, slowest=1.5, least_agreement=0.6, most_extra=2.0)


def sighting(label: str, box: Box = HERE) -> Sighting:
    return Sighting(label, 0.8, 0.4, box)


def slot(state: SlotState = SlotState.CONFIRMED, box: Box = HERE) -> Slot:
    return Slot("d", "C-001", Kind.MANHOLE, state, "manhole_broken", box, 0.8, AT, AT, AT)


def tried(old, new, slots=(), view_ms=(10.0, 10.0), looks=10) -> Tally:
    tally = Tally()
    for _ in range(looks):
        tally = compared(tally, old, new, slots, view_ms)
    return tally


def test_a_model_that_sees_the_same_as_fast_is_taken() -> None:
    broken = [sighting("manhole_broken")]
    assert objection(tried(broken, broken, [slot()]), RULES) is None


def test_another_state_of_the_same_cover_is_agreement() -> None:
    tally = tried([sighting("manhole_broken")], [sighting("manhole_open")], [slot()])
    assert (tally.known, tally.agreed, tally.extra) == (10, 10, 0)


def test_a_model_blind_to_confirmed_faults_is_refused_with_the_numbers() -> None:
    reason = objection(tried([sighting("manhole_broken")], [], [slot()]), RULES)
    assert reason is not None
    assert "0 of 10 confirmed faults" in reason


def test_a_confirmed_fault_that_the_old_model_does_not_see_now_says_nothing() -> None:
    tally = tried([], [], [slot()])
    assert tally.known == 0
    assert objection(tally, RULES) is None


def test_a_model_that_sees_faults_everywhere_is_refused() -> None:
    many = [sighting("pothole", Box(k / 10, 0.1, 0.05, 0.05)) for k in range(3)]
    reason = objection(tried([], many), RULES)
    assert reason is not None
    assert "3.0 faults per look" in reason


def test_a_new_fault_here_and_there_is_what_a_better_model_is_for() -> None:
    assert objection(tried([], [sighting("pothole", THERE)]), RULES) is None


def test_sound_things_and_known_candidates_are_not_extra() -> None:
    new = [sighting("manhole_good", THERE), sighting("manhole_broken"), sighting("a_new_class")]
    assert tried([], new, [slot(SlotState.CANDIDATE)]).extra == 0


def test_a_slow_model_is_refused_by_medians_so_that_one_hiccup_does_not_count() -> None:
    slow = tried([], [], view_ms=(10.0, 16.0))
    assert "16.0 ms per view" in str(objection(slow, RULES))
    hiccup = compared(tried([], [], view_ms=(10.0, 12.0), looks=9), [], [], [], (10.0, 900.0))
    assert objection(hiccup, RULES) is None


@pytest.mark.parametrize(("looks", "over"), [(0, False), (9, False), (10, True)])
def test_a_trial_lasts_for_its_looks(looks: int, over: bool) -> None:
    assert settled(tried([], [], looks=looks), RULES) is over


def test_a_failure_ends_it_at_once() -> None:
    failed = Tally(failure="RuntimeError: no")
    assert settled(failed, RULES)
    assert "look 1: RuntimeError: no" in str(objection(failed, RULES))
    assert figures_of(failed, RULES).failures == 1
