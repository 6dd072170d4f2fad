"""Scores are data: terms, weights, floors and grades."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.errors import InvalidInput
from hub.indicators.definitions import Count
from hub.indicators.figures import Figures
from hub.indicators.scores import (
    Grade,
    PressCount,
    ScorePart,
    ScoreSheet,
    grade_of,
    score,
    shipped_sheets,
)
from hub.indicators.scoring import read_sheet

SHEETS = shipped_sheets()
HUNDRED = Figures(
    {
        Count.DUE: 100,
        Count.HANDLED: 98,
        Count.HANDLED_IN_TIME: 90,
        Count.REWORKED: 5,
        Count.OVERDUE_UNHANDLED: 2,
        Count.EXTENDED: 10,
        Count.CLOSED: 95,
        Count.CLOSED_IN_TIME: 80,
    }
)
PARTS = [(key, part) for key, sheet in SHEETS.items() for part in sheet.parts]


def part_of(key: str) -> ScorePart:
    return SHEETS[key].parts[0]


def test_three_sheets_are_shipped():
    assert list(SHEETS) == ["handling", "closing", "posts"]
    assert [str(part.by) for part in SHEETS["posts"].parts] == [
        "reporter",
        "receiver",
        "shift_lead",
        "dispatcher",
    ]


@pytest.mark.parametrize(("key", "part"), PARTS)
def test_the_weights_of_a_shipped_part_add_up_to_a_hundred(key, part):
    assert sum(term.weight for term in part.terms) == 100


def test_units_are_scored_by_handling():
    found = score(part_of("handling"), HUNDRED, {})
    assert found.points == tuple(map(Decimal, ("29.40", "18.00", "19.00", "19.60", "9.00")))
    assert (found.total, found.grade) == (Decimal("95.00"), Grade.A)


@pytest.mark.parametrize(
    ("reminders", "letters", "points"),
    [(0, 0, "10.00"), (3, 0, "8.50"), (3, 2, "6.50"), (1, 9, "0.50"), (40, 40, "0.00")],
)
def test_units_are_scored_by_closing_less_reminders_and_letters(reminders, letters, points):
    pressed = {PressCount.REMINDERS: reminders, PressCount.UNANSWERED_LETTERS: letters}
    found = score(part_of("closing"), HUNDRED, pressed)
    assert found.points[-1] == Decimal(points)
    assert found.total == Decimal("78.00") + Decimal(points)


@pytest.mark.parametrize(
    ("total", "grade"),
    [("100", "A"), ("90", "A"), ("89.99", "B"), ("75", "B"), ("74.99", "C"), ("60", "C"),
     ("59.99", "D"), ("40", "D"), ("39.99", "E"), ("0", "E"), ("-5", "E")],
)  # fmt: skip
def test_grades_begin_at_90_75_60_and_40(total, grade):
    assert grade_of(Decimal(total)) == grade


def test_who_had_nothing_due_has_no_score():
    found = score(part_of("handling"), Figures(), {})
    assert (found.total, found.grade, found.text) == (None, None, "—")


@given(st.integers(1, 500).flatmap(lambda due: st.tuples(st.just(due), *[st.integers(0, due)] * 5)))
def test_a_score_of_shares_lies_between_nothing_and_all(numbers):
    due, handled, in_time, reworked, overdue, extended = numbers
    counts = {
        Count.DUE: due,
        Count.HANDLED: handled,
        Count.HANDLED_IN_TIME: in_time,
        Count.REWORKED: reworked,
        Count.OVERDUE_UNHANDLED: overdue,
        Count.EXTENDED: extended,
    }
    found = score(part_of("handling"), Figures(counts), {})
    assert found.total is not None
    assert 0 <= found.total <= 100


def term(**fields):
    return {
        "sheet_key": "x",
        "name_zh": "甲",
        "name_en": "X",
        "parts": [{"by": "unit", "name_zh": "乙", "name_en": "Y", "terms": [fields]}],
    }


def test_a_term_has_a_floor_and_a_cap():
    sheet = ScoreSheet.model_validate(term(rate="handling", weight=100, floor=30, cap=80))
    low = score(sheet.parts[0], Figures({Count.DUE: 10, Count.HANDLED: 1}), {})
    high = score(sheet.parts[0], HUNDRED, {})
    assert (low.total, high.total) == (Decimal("30.00"), Decimal("80.00"))


@pytest.mark.parametrize(
    "fields",
    [
        {"weight": 10},
        {"rate": "handling", "weight": 0},
        {"rate": "unheard_of", "weight": 10},
        {"rate": "handling", "weight": 10, "minus": {"reminders": 1}},
        {"rate": "handling", "weight": 10, "direction": "sideways"},
        {"rate": "handling", "weight": 10, "floor": 5, "cap": 1},
        {"rate": "handling", "weight": 10, "extra": 1},
    ],
)
def test_a_term_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        ScoreSheet.model_validate(term(**fields))


@pytest.mark.parametrize("text", ["[", "a: b", "- 1", ""])
def test_a_file_that_is_no_sheet_is_refused_with_what_is_wrong(text):
    with pytest.raises(InvalidInput):
        read_sheet(text)
