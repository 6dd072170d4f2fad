"""Items of the catalogue: their limits, their steps, and the days on which they apply."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from hub.catalogue.item import CatalogueItem, Condition
from hub.deadlines import Limit, LimitType

FENCE = {
    "step_key": "fence",
    "text_zh": "设置围挡",
    "text_en": "Fence off",
    "limit_type": "urgent_hour",
    "limit_value": 3,
    "close_condition": "围挡完整",
}
REPAIR = {
    "step_key": "repair",
    "text_zh": "抢修",
    "text_en": "Repair",
    "limit_type": "urgent_hour",
    "limit_value": 8,
}
PIPE = {"cond_key": "burst", "text_zh": "爆管", "text_en": "Burst"}


def item(**fields: Any) -> CatalogueItem:
    body = {
        "item_key": "water_pipe",
        "title_zh": "供水管道",
        "title_en": "Water pipe",
        "kind": "component",
        "owner_rule": "territory",
        "conditions": [PIPE | {"limit_type": "work_day", "limit_value": 2}],
    }
    return CatalogueItem.model_validate(body | fields)


def test_the_limit_of_a_staged_condition_is_that_of_its_first_step():
    condition = Condition.model_validate(PIPE | {"steps": [FENCE, REPAIR]})

    assert condition.limit == Limit(LimitType.URGENT_HOUR, 3)
    assert condition.steps[1].limit == Limit(LimitType.URGENT_HOUR, 8)
    assert condition.steps[0].close_condition == "围挡完整"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "limit_type and limit_value is missing"),
        ({"limit_value": 3}, "limit_type is missing"),
        ({"limit_type": "work_day"}, "limit_value is missing"),
        ({"steps": [FENCE], "limit_type": "work_day", "limit_value": 1}, "no limit of its own"),
        ({"steps": [FENCE, FENCE]}, "step fence occurs twice"),
        ({"steps": [FENCE | {"limit_value": 0}]}, "greater than 0"),
        ({"steps": [FENCE | {"policy": "end_of_day_from_next"}]}, "whole number of days"),
    ],
)
def test_a_condition_has_either_a_limit_or_steps(fields, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Condition.model_validate(PIPE | fields)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 2, 28), "water_pipe comes into force on 2026-03-01"),
        (date(2026, 3, 1), None),
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), "water_pipe is out of force since 2027-01-01"),
    ],
)
def test_an_item_is_in_force_from_its_first_to_its_last_day(day, why):
    dated = item(effective_from="2026-03-01", effective_to="2026-12-31")

    assert dated.out_of_force(day) == why
    assert dated.in_force(day) is (why is None)
    assert item().in_force(day)


def test_an_item_cannot_end_before_it_begins():
    with pytest.raises(ValidationError, match="is after effective_to"):
        item(effective_from="2026-03-02", effective_to="2026-03-01")
