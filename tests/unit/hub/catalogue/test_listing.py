"""The responsibility list as a file: what is shipped, and what is said of bad rows."""

import re
from collections import Counter
from datetime import date

import pytest

from hub.catalogue.commands import STARTER
from hub.catalogue.item import ItemKind
from hub.catalogue.listing import parse_yaml
from hub.catalogue.unit_book import unit_book
from hub.errors import InvalidInput

ROW = """
- item_key: cover
  title_zh: 井盖
  title_en: Cover
  kind: component
  owner_rule: territory
  conditions:
    - {cond_key: broken, text_zh: 破损, text_en: Broken, limit_type: work_day, limit_value: 2}
"""


@pytest.fixture(scope="module")
def starter():
    return {item.item_key: item for item in parse_yaml(STARTER.read_text("utf-8")).items}


def test_the_starter_catalogue_has_a_district_s_items_in_both_languages_and_no_bad_row(starter):
    assert len(starter) >= 120
    assert parse_yaml(STARTER.read_text("utf-8")).bad == ()
    kinds = Counter(item.kind for item in starter.values())
    assert set(kinds) == set(ItemKind)
    assert min(kinds.values()) >= 10
    titles = [item.title_zh for item in starter.values()]
    assert len(set(titles)) == len(titles)
    for item in starter.values():
        for said in (item, *item.conditions):
            zh = getattr(said, "title_zh", None) or said.text_zh
            en = getattr(said, "title_en", None) or said.text_en
            assert re.search("[\u4e00-\u9fff]", zh)
            assert not re.search("[\u4e00-\u9fff]", en)


def test_a_burst_pipe_is_fenced_off_then_repaired_then_paved(starter):
    burst = starter["water_pipe"].condition("burst")

    assert [(each.step_key, each.limit_type, each.limit_value) for each in burst.steps] == [
        ("fence", "urgent_hour", 3),
        ("repair", "urgent_hour", 8),
        ("surface", "work_day", 5),
    ]
    assert all(each.close_condition for each in burst.steps)


@pytest.mark.parametrize(
    ("item_key", "cond_key", "limit_type", "value"),
    [
        ("manhole_cover", "missing_or_hazard", "urgent_hour", 2),
        ("manhole_cover", "broken", "work_day", 2),
        ("manhole_cover", "rattling", "work_day", 2),
        ("manhole_cover", "uneven", "work_day", 5),
        ("manhole_sewage", "broken", "work_hour", 4),
        ("manhole_police", "damaged", "urgent_hour", 6),
        ("exposed_garbage", "exposed", "work_day", 1),
        ("accumulated_waste", "accumulated", "work_day", 4),
        ("dirty_road", "dirty", "work_hour", 5),
    ],
)
def test_the_limits_are_those_of_the_trade(starter, item_key, cond_key, limit_type, value):
    condition = starter[item_key].condition(cond_key)

    assert (condition.limit_type, condition.limit_value) == (limit_type, value)


@pytest.mark.parametrize(
    ("item_key", "code"),
    [
        ("manhole_water", "0101"),
        ("manhole_sewage", "0102"),
        ("manhole_rain", "0103"),
        ("rain_grate", "0104"),
        ("manhole_power", "0105"),
        ("manhole_streetlight", "0106"),
        ("manhole_telecom", "0107"),
        ("manhole_tv", "0108"),
        ("manhole_network", "0109"),
        ("manhole_heat", "0110"),
        ("manhole_gas", "0111"),
        ("manhole_police", "0112"),
        ("fire_facility", "0113"),
        ("telecom_cabinet", "0115"),
        ("power_facility", "0116"),
        ("exposed_garbage", "0102"),
        ("accumulated_waste", "0103"),
        ("dirty_road", "0104"),
        ("dirty_water", "0105"),
        ("untidy_green", "0106"),
    ],
)
def test_codes_are_marked_as_verified_by_the_community(starter, item_key, code):
    (found,) = starter[item_key].std_codes

    assert (found.code, found.verified) == (code, "community-verified")


def test_a_code_that_cities_use_in_two_ways_is_not_verified(starter):
    (found,) = starter["manhole_ownerless"].std_codes

    assert (found.code, found.verified) == ("0114", "unverified")
    assert sum(len(item.std_codes) for item in starter.values()) == 21


def test_a_class_of_the_model_means_one_condition(starter):
    meant = {
        detector.label: (item.item_key, condition.cond_key)
        for item in starter.values()
        for condition in item.conditions
        for detector in condition.detectors
    }
    count = sum(len(c.detectors) for item in starter.values() for c in item.conditions)

    assert count == len(meant)
    assert meant["manhole_broken"] == ("manhole_cover", "broken")
    assert meant["manhole_open"] == ("manhole_cover", "missing_or_hazard")
    assert {"pothole", "garbage", "bin_overflow"} <= set(meant)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("limit_value: 2", "limit_value: -2", "conditions.0.limit_value"),
        ("limit_type: work_day", "limit_type: fortnight", "conditions.0.limit_type"),
        ("item_key: cover", "item_key: Cover!", "item_key"),
        ("  title_en: Cover\n", "", "title_en"),
        ("  title_en: Cover\n", "  title_en: Cover\n  colour: red\n", "colour"),
        ("owner_rule: territory", "owner_rule: asset_owner", "asset_types"),
        ("owner_rule: territory", "owner_rule: fixed", "lead_unit"),
        ("limit_value: 2", "limit_value: 1.5, policy: end_of_day_from_next", "whole number"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(old, new, complaint):
    assert old in ROW
    other = ROW.replace("item_key: cover", "item_key: other")

    parsed = parse_yaml(other + ROW.replace(old, new))

    assert [item.item_key for item in parsed.items] == ["other"]
    (bad,) = parsed.bad
    assert (bad.where, bad.item) == ("row 2", "Cover!" if "Cover!" in new else "cover")
    assert complaint in bad.reason


def test_a_key_that_occurs_twice_is_a_bad_row():
    assert parse_yaml(ROW + ROW).bad[0].reason == "item_key: occurs twice in the file"


@pytest.mark.parametrize("text", ["just words", "a: 1", "{", "- 1\n- [", ""])
def test_a_file_that_is_no_list_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_yaml(text)


def test_a_row_that_is_no_item_is_a_bad_row():
    assert [bad.where for bad in parse_yaml("- 1\n- null\n- []").bad] == ["row 1", "row 2", "row 3"]


def test_units_that_are_not_registered_are_noted(starter):
    book = unit_book([("housing_bureau", "住建局", "Housing Bureau")], {})

    (note,) = parse_yaml(ROW + "  lead_unit: nobody\n", book).notes

    assert note == "no registered units, so routing skips them: nobody"
    assert parse_yaml(ROW + "  lead_unit: housing_bureau\n", book).notes == ()


def test_a_day_that_doesn_t_exist_is_a_bad_field_of_its_row():
    (bad,) = parse_yaml(ROW + "  effective_from: 2026-02-30\n").bad

    assert (bad.where, bad.item) == ("row 1", "cover")
    assert bad.reason.startswith("effective_from: ")
    (item,) = parse_yaml(ROW + "  effective_from: 2026-02-28\n").items
    assert item.effective_from == date(2026, 2, 28)


def test_a_field_that_an_entry_gives_twice_is_refused():
    with pytest.raises(InvalidInput, match="title_en is given twice"):
        parse_yaml(ROW + "  title_en: Other\n")
