"""How well signals were brought together, by pairs."""

import pytest

from bench.dedup.score import score
from bench.dedup.world import MONDAY, Hardness, build

TRUTH = {"a1": 1, "a2": 1, "a3": 1, "b1": 2, "b2": 2}


def test_all_that_belongs_together_and_nothing_else_is_one_and_one():
    found = {"a1": 7, "a2": 7, "a3": 7, "b1": 9, "b2": 9}

    result = score(TRUTH, found)

    assert (result.precision, result.recall) == (1.0, 1.0)
    assert (result.cases, result.faults, result.signals) == (2, 2, 5)


def test_one_case_for_everything_has_all_recall_and_little_precision():
    result = score(TRUTH, dict.fromkeys(TRUTH, 7))

    assert (result.precision, result.recall) == (pytest.approx(4 / 10), 1.0)


def test_a_signal_without_a_case_is_alone():
    result = score(TRUTH, {"a1": 7, "a2": 7, "b1": 9, "b2": 9})

    assert (result.precision, result.recall) == (1.0, pytest.approx(2 / 4))
    assert result.cases == 2


def test_a_case_of_each_signal_has_no_recall():
    result = score(TRUTH, {name: number for number, name in enumerate(TRUTH)})

    assert (result.precision, result.recall) == (1.0, 0.0)


def test_the_same_seed_is_the_same_world_and_another_is_another():
    assert build(1, 20, Hardness()) == build(1, 20, Hardness())
    assert build(1, 20, Hardness()) != build(2, 20, Hardness())


def test_a_world_has_everything_that_makes_it_hard():
    world = build(1, 200, Hardness())

    delays = [sight.arrives_at - sight.observed_at for sight in world.sights]
    assert sum(delay.total_seconds() > 3600 for delay in delays) > 20
    assert {sight.teller for sight in world.sights} == {"camera", "terminal", "hotline"}
    again = [fault for fault in world.faults if fault.repaired is None]
    assert len(world.faults) > 200 or again
    assert min(sight.observed_at for sight in world.sights) >= MONDAY


def test_a_harder_world_is_harder_in_every_way():
    usual, harder = Hardness(), Hardness().times(2)

    assert harder.errors > usual.errors
    assert harder.displaced > usual.displaced
    assert harder.beside_m < usual.beside_m
    assert harder.late > usual.late
    assert harder.density > usual.density
