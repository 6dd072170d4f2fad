"""Routing decides by asset, history, fixed unit and territory, and says why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from hub.catalogue.routing import choose_asset, decide
from hub.geo.distance import box_around, distance_m
from hub.geo.place import Spot
from hub.geo.territories import Boundaries, Territory, TerritoryLevel
from tests.unit.hub.catalogue.street_facts import (
    DEPARTMENTS,
    LAT,
    LON,
    METRE_EAST,
    SPOT,
    UNITS,
    asset,
    codes,
    facts,
    item,
    repair,
)


def test_the_owner_of_the_asset_in_reach_answers():
    routing = decide(item(), SPOT, facts(asset("A-1", 3)))

    assert (routing.lead_unit, routing.asset_id) == ("housing_bureau", "A-1")
    assert routing.territory_unit == "village_001"
    assert codes(routing) == ["asset_within_reach", "territory"]
    assert routing.why[0].facts["distance_m"] == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("error_m", "second_at", "lead"),
    [(3, 12, "housing_bureau"), (8, 12, "housing_bureau"), (20, 12, None), (3, 3, None)],
)
def test_a_second_owner_counts_by_distance_and_error(error_m, second_at, lead):
    assets = (asset("A-1", 2), asset("A-2", -second_at, "power_supply"))

    routing = decide(item(), Spot(LON, LAT, error_m), facts(*assets))

    assert routing.lead_unit == lead
    assert routing.needs_study == (lead is None)


def test_several_assets_of_one_owner_leave_no_doubt_about_the_unit():
    routing = decide(item(), Spot(LON, LAT, 20), facts(asset("A-1", 3), asset("A-2", 4)))

    assert (routing.lead_unit, routing.asset_id) == ("housing_bureau", None)


def test_an_asset_out_of_reach_is_not_meant():
    routing = decide(item(), SPOT, facts(asset("A-1", 16)))

    assert codes(routing) == ["no_asset_within_reach", "needs_joint_study", "territory"]


def test_an_asset_without_an_owner_needs_a_study():
    routing = decide(item(), SPOT, facts(asset("A-1", 1, None)))

    assert routing.needs_study
    assert codes(routing)[0] == "asset_without_owner"


def test_an_asset_that_is_known_already_needs_no_weighing():
    assets = (asset("A-1", 2), asset("A-2", -3, "power_supply"))

    assert decide(item(), SPOT, facts(*assets), "A-2").lead_unit == "power_supply"


def test_the_newest_repair_here_speaks_where_no_asset_does():
    repairs = (repair(2, "power_supply", 90, 1), repair(5, "housing_bureau", 10, 2))

    routing = decide(item(), SPOT, facts(repairs=repairs))

    assert routing.lead_unit == "housing_bureau"
    assert codes(routing) == ["no_asset_within_reach", "repair_history", "territory"]


def test_a_repair_elsewhere_says_nothing():
    assert decide(item(), SPOT, facts(repairs=(repair(30, "power_supply", 9),))).needs_study


def test_the_fixed_unit_comes_after_asset_and_history():
    fixed = item(lead_unit="sanitation")

    assert decide(fixed, SPOT, facts()).lead_unit == "sanitation"
    assert decide(fixed, SPOT, facts(asset("A-1", 1))).lead_unit == "housing_bureau"


def test_a_fixed_unit_that_is_not_registered_is_named_and_studied():
    routing = decide(item(lead_unit="gas"), SPOT, facts())

    assert routing.needs_study
    assert "unit_unknown" in codes(routing)


def test_an_event_goes_to_its_territory_with_the_department_beside():
    event = item(owner_rule="territory", asset_types=[], kind="event", lead_unit="sanitation")

    routing = decide(event, SPOT, facts())

    assert (routing.lead_unit, routing.assist_units) == ("village_001", ("sanitation",))


def test_an_event_outside_all_territories_goes_to_its_department():
    event = item(owner_rule="territory", asset_types=[], kind="event", lead_unit="sanitation")

    routing = decide(event, SPOT, replace(facts(), territories=()))

    assert routing.lead_unit == "sanitation"
    assert codes(routing) == ["fixed_unit", "outside_territories"]


def test_a_territory_of_another_level_can_be_asked_for():
    event = item(owner_rule="territory", asset_types=[], territory_level="township")

    assert decide(event, SPOT, facts()).lead_unit == "town_01"


def test_a_dispute_is_handled_jointly():
    dispute = item(
        owner_rule="fixed",
        asset_types=[],
        routing_mode="joint",
        lead_unit="justice",
        assist_units=["housing_bureau"],
    )

    routing = decide(dispute, SPOT, facts())

    assert routing.lead_unit == "justice"
    assert routing.assist_units == ("housing_bureau", "village_001")
    assert codes(routing)[-1] == "joint_handling"


def test_an_item_to_be_studied_ignores_its_unit_but_not_its_history():
    study = item(owner_rule="study", asset_types=[], lead_unit="sanitation")

    assert decide(study, SPOT, facts()).needs_study
    known = facts(repairs=(repair(1, "power_supply", 3),))
    assert decide(study, SPOT, known).lead_unit == "power_supply"


assets_nearby = st.lists(
    st.builds(
        asset,
        st.sampled_from(["A-1", "A-2", "A-3", "A-4"]),
        st.floats(-40, 40),
        st.sampled_from([*DEPARTMENTS, None]),
    ),
    max_size=4,
    unique_by=lambda each: each.asset_id,
)


@given(assets=assets_nearby, error_m=st.floats(0, 80), order=st.randoms())
def test_the_same_facts_in_any_order_give_the_same_answer(assets, error_m, order):
    spot = Spot(LON, LAT, error_m)
    shuffled = list(assets)
    order.shuffle(shuffled)

    assert decide(item(), spot, facts(*assets)) == decide(item(), spot, facts(*shuffled))


@given(assets=assets_nearby, error_m=st.floats(0, 80))
def test_a_routing_names_a_unit_or_says_that_a_study_is_needed(assets, error_m):
    routing = decide(item(), Spot(LON, LAT, error_m), facts(*assets))

    assert routing.needs_study == ("needs_joint_study" in codes(routing))
    assert routing.lead_unit is None or routing.lead_unit in UNITS


def test_no_asset_is_chosen_without_any():
    assert choose_asset(SPOT, (), {}).asset_id is None


def test_the_deepest_territory_comes_first_and_a_border_has_one_answer():
    areas = Boundaries(
        [
            (Territory("town_01", TerritoryLevel.TOWNSHIP), box(0, 0, 2, 1)),
            (Territory("village_002", TerritoryLevel.VILLAGE), box(1, 0, 2, 1)),
            (Territory("village_001", TerritoryLevel.VILLAGE), box(0, 0, 1, 1)),
        ]
    )

    assert [each.unit_key for each in areas.containing(0.5, 0.5)] == ["village_001", "town_01"]
    on_border = [each.unit_key for each in areas.containing(1, 0.5)]
    assert on_border == ["village_001", "village_002", "town_01"]
    assert areas.containing(5, 5) == ()


@given(bearing=st.floats(-1, 1), metres=st.floats(0, 300))
def test_a_box_around_a_place_holds_all_that_is_near(bearing, metres):
    lon, lat = LON + bearing * metres * METRE_EAST, LAT + (1 - abs(bearing)) * metres / 110_770
    edges = box_around(LON, LAT, distance_m(LON, LAT, lon, lat))

    assert edges.west <= lon <= edges.east
    assert edges.south <= lat <= edges.north
