"""Rulings of joint studies route the same question, and disputes are handled jointly."""

from dataclasses import replace

import pytest

from hub.catalogue.item import CatalogueItem
from hub.catalogue.routing import AssetInReach, decide
from tests.unit.hub.catalogue.street_facts import (
    LAT,
    LON,
    METRE_EAST,
    SPOT,
    TERRITORIES,
    asset,
    codes,
    facts,
    item,
    repair,
)


def ruling(number: int = 1, lead: str = "power_supply", **fields: object) -> dict[str, object]:
    """A ruling for the whole district, unless `scope` says otherwise."""
    facts = {
        "ruling_no": number,
        "scope": {},
        "lead_unit": lead,
        "basis": "laid by them in 2012",
        "case_no": "530303-20250801-0001",
        "decided_on": "2025-08-04",
    }
    return facts | fields


HERE = {"lon": LON, "lat": LAT, "radius_m": 10}


def test_a_ruling_answers_the_same_question_and_is_its_reason():
    ruled = item(rulings=[ruling(scope={"cond_key": "broken", "place": HERE})])

    routing = decide(ruled, SPOT, facts(), cond_key="broken")

    assert routing.lead_unit == "power_supply"
    assert codes(routing) == ["no_asset_within_reach", "joint_ruling", "territory"]
    why = routing.why[1]
    assert why.facts["case_no"] == "530303-20250801-0001"
    assert "laid by them in 2012" in why.text_zh
    assert "laid by them in 2012" in why.text_en


@pytest.mark.parametrize(
    "scope",
    [
        {"cond_key": "rattling"},
        {"place": {"lon": LON + 30 * METRE_EAST, "lat": LAT, "radius_m": 10}},
        {"asset_type": "manhole_power"},
        {"territory": "village_002"},
        {"cond_key": "broken", "place": HERE, "territory": "village_002"},
    ],
)
def test_another_question_still_needs_a_study(scope):
    ruled = item(rulings=[ruling(scope=scope)])

    assert decide(ruled, SPOT, facts(asset("A-1", 1, None)), cond_key="broken").needs_study


@pytest.mark.parametrize("scope", [{"territory": "town_01"}, {"territory": "village_001"}, {}])
def test_a_ruling_on_a_territory_holds_in_all_of_it(scope):
    ruled = item(rulings=[ruling(scope=scope)])

    assert decide(ruled, SPOT, facts(), cond_key="broken").lead_unit == "power_supply"


def test_a_ruling_on_an_asset_kind_is_for_assets_without_a_clear_owner():
    ruled = item(rulings=[ruling(scope={"asset_type": "manhole_rain"})])

    def rain(number: int, metres: float, owner: str | None) -> AssetInReach:
        return replace(asset(f"A-{number}", metres, owner), type="manhole_rain")

    assert decide(ruled, SPOT, facts(rain(1, 1, None))).lead_unit == "power_supply"
    two = facts(rain(1, 1, "housing_bureau"), rain(2, -1, "sanitation"))
    assert decide(ruled, SPOT, two).lead_unit == "power_supply"
    assert decide(ruled, SPOT, facts(rain(1, 1, "sanitation"))).lead_unit == "sanitation"
    assert decide(ruled, SPOT, facts()).needs_study
    mixed = facts(rain(1, 1, None), replace(asset("A-2", -1, None), type="manhole_power"))
    assert decide(ruled, SPOT, mixed).needs_study


def test_a_ruling_beats_a_registered_owner_only_if_it_says_so():
    scope = {"place": HERE}
    there = facts(asset("A-1", 1))

    assert decide(item(rulings=[ruling(scope=scope)]), SPOT, there).lead_unit == "housing_bureau"
    over = item(rulings=[ruling(scope=scope, over_register=True)])
    assert decide(over, SPOT, there).lead_unit == "power_supply"


def test_a_ruling_comes_before_the_repair_history_that_follows_from_it():
    ruled = item(rulings=[ruling(scope={"place": HERE})])

    routing = decide(ruled, SPOT, facts(repairs=(repair(1, "power_supply", 3),)))

    assert "joint_ruling" in codes(routing)
    assert "repair_history" not in codes(routing)


def test_the_most_specific_ruling_answers_and_then_the_newest():
    rulings = [
        ruling(1, "sanitation", scope={"place": HERE, "cond_key": "broken"}),
        ruling(2, "justice", scope={"place": HERE}),
        ruling(3, "housing_bureau", scope={"territory": "town_01"}),
        ruling(4, "justice", scope={}),
        ruling(5, "power_supply", scope={}),
    ]

    def leads(*numbers: int) -> str | None:
        chosen = [each for each in rulings if each["ruling_no"] in numbers]
        backwards = decide(item(rulings=chosen[::-1]), SPOT, facts(), cond_key="broken")
        assert decide(item(rulings=chosen), SPOT, facts(), cond_key="broken") == backwards
        return backwards.lead_unit

    assert leads(1, 2, 3, 4, 5) == "sanitation"
    assert leads(2, 3, 4, 5) == "justice"
    assert leads(3, 4, 5) == "housing_bureau"
    assert leads(4, 5) == "power_supply"


def test_a_ruling_for_a_unit_that_is_gone_answers_nothing():
    gone = [ruling(2, "gas", scope={"place": HERE}), ruling(1, "justice", scope={})]

    assert decide(item(rulings=gone), SPOT, facts()).lead_unit == "justice"
    assert decide(item(rulings=gone[:1]), SPOT, facts()).needs_study


def test_a_ruling_names_who_assists():
    ruled = item(rulings=[ruling(assist_units=["justice", "gas", "power_supply"])])

    routing = decide(ruled, SPOT, facts())

    assert routing.assist_units == ("justice",)
    assert "unit_unknown" in codes(routing)


def dispute(**fields: object) -> CatalogueItem:
    return item(**({"asset_types": [], "kind": "dispute", "routing_mode": "joint"} | fields))


def test_a_dispute_is_led_by_its_territory_with_all_departments_beside():
    land = dispute(
        owner_rule="territory",
        lead_unit="justice",
        assist_units=["housing_bureau", "justice"],
        territory_level="township",
    )

    routing = decide(land, SPOT, facts())

    assert (routing.lead_unit, routing.territory_unit) == ("town_01", "town_01")
    assert routing.assist_units == ("justice", "housing_bureau")


@pytest.mark.parametrize(
    ("fields", "territories", "code"),
    [
        ({"owner_rule": "fixed", "lead_unit": "justice"}, (), "joint_without_territory"),
        ({"owner_rule": "territory"}, TERRITORIES, "joint_without_department"),
        ({"owner_rule": "territory", "lead_unit": "gas"}, TERRITORIES, "joint_without_department"),
    ],
)
def test_a_dispute_without_a_territory_or_a_department_is_studied(fields, territories, code):
    around = replace(facts(), territories=territories)

    routing = decide(dispute(**fields), SPOT, around)

    assert routing.needs_study
    assert code in codes(routing)


def test_a_ruling_settles_a_dispute_that_names_no_department():
    ruled = dispute(owner_rule="territory", rulings=[ruling(lead="justice")])

    routing = decide(ruled, SPOT, facts())

    assert (routing.lead_unit, routing.assist_units) == ("justice", ("village_001",))
    assert codes(routing)[-1] == "joint_handling"


def test_repairs_of_the_same_instant_have_one_answer():
    both = (repair(1, "power_supply", 3, 1), repair(1, "sanitation", 3, 2))

    one, other = (decide(item(), SPOT, facts(repairs=each)) for each in (both, both[::-1]))

    assert one == other
