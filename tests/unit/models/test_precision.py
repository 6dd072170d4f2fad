import math

import numpy as np
import pytest

from models.precision import (
    PredictionsWithTruth,
    at_threshold,
    average_precision,
    matches,
    overlaps,
)

Corners = tuple[float, float, float, float]


def boxes(*corners: Corners) -> np.ndarray:
    return np.array(corners, np.float32).reshape(-1, 4)


def judged(found: list[tuple[Corners, float]], *truth: Corners) -> PredictionsWithTruth:
    return PredictionsWithTruth(
        boxes(*(box for box, _ in found)),
        np.array([score for _, score in found], np.float32),
        boxes(*truth),
    )


LEFT, RIGHT, FAR = (0, 0, 10, 10), (20, 0, 30, 10), (100, 100, 110, 110)


def test_overlap_is_shared_area_over_joint_area():
    shared = overlaps(boxes((0, 0, 10, 10)), boxes((5, 0, 15, 10), (0, 0, 10, 10), FAR))
    assert shared[0] == pytest.approx([50 / 150, 1.0, 0.0])


def test_an_object_counts_once_and_the_best_box_takes_it():
    found = judged([(LEFT, 0.4), (LEFT, 0.9), (FAR, 0.8)], LEFT)
    assert matches(found, 0.5).tolist() == [False, True, False]


def test_a_box_takes_the_object_that_it_overlaps_most():
    found = judged([((1, 0, 11, 10), 0.9), ((0, 0, 10, 10), 0.8)], (0, 0, 10, 10), (2, 0, 12, 10))
    assert matches(found, 0.5).tolist() == [True, True]


def test_a_perfect_ranking_has_precision_one():
    pictures = [judged([(LEFT, 0.9)], LEFT), judged([(RIGHT, 0.8)], RIGHT)]
    assert average_precision(pictures, 0.5) == pytest.approx(1.0)


def test_what_is_never_found_costs_its_share_of_recall():
    pictures = [judged([(LEFT, 0.9)], LEFT), judged([], RIGHT)]
    # Recalls 0.00 to 0.50 are reached: 51 of 101.
    assert average_precision(pictures, 0.5) == pytest.approx(51 / 101)


def test_a_false_alarm_above_a_hit_halves_the_precision_below_it():
    pictures = [judged([(FAR, 0.9), (LEFT, 0.8)], LEFT)]
    assert average_precision(pictures, 0.5) == pytest.approx(0.5)


def test_a_false_alarm_below_all_hits_costs_nothing():
    pictures = [judged([(LEFT, 0.9), (FAR, 0.1)], LEFT)]
    assert average_precision(pictures, 0.5) == pytest.approx(1.0)


def test_a_mixed_ranking_is_scored_as_by_hand():
    # Ranked: hit, miss, hit of 3 objects: precision 1 up to recall 1/3, then 2/3 up to 2/3, then 0.
    pictures = [judged([(LEFT, 0.9), (FAR, 0.8), (RIGHT, 0.7)], LEFT, RIGHT, (50, 50, 60, 60))]
    assert average_precision(pictures, 0.5) == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)


def test_a_loose_box_counts_only_at_a_loose_overlap():
    pictures = [judged([((0, 0, 10, 7), 0.9)], LEFT)]
    assert average_precision(pictures, 0.65) == pytest.approx(1.0)
    assert average_precision(pictures, 0.75) == 0.0


def test_false_alarms_in_pictures_without_objects_count():
    pictures = [judged([(LEFT, 0.5)], LEFT), judged([(FAR, 0.9)])]
    assert average_precision(pictures, 0.5) == pytest.approx(0.5)


def test_without_any_object_there_is_no_precision():
    assert math.isnan(average_precision([judged([(LEFT, 0.5)])], 0.5))


def test_with_objects_and_no_boxes_precision_is_nought():
    assert average_precision([judged([], LEFT)], 0.5) == 0.0


def test_operation_counts_only_boxes_from_the_threshold_on():
    pictures = [judged([(LEFT, 0.6), (FAR, 0.5), (RIGHT, 0.3)], LEFT, RIGHT), judged([(FAR, 0.7)])]
    operation = at_threshold(pictures, 0.5)
    assert operation.recall == pytest.approx(0.5)
    assert operation.false_positives_per_picture == pytest.approx(1.0)
