"""The starter catalogue and the simulated district fit together."""

import json
from datetime import UTC, datetime

import pytest

from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.folder import write_district
from hub import catalogue
from hub.catalogue.commands import import_starter
from hub.district.importing import import_district
from hub.geo.place import Spot
from tests.use_cases import carry_out

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


@pytest.fixture
async def folder(db, tmp_path):
    write_district(build_district(DistrictSpec(7, 6, 2, 135)), tmp_path)
    await import_district(db, tmp_path, NOW)
    await carry_out(db, NOW, import_starter)
    return tmp_path


async def route(db, item_key, lon, lat, error_m=8.0):
    item = await catalogue.item(db, 1, item_key)
    return await catalogue.route(db, item, Spot(lon, lat, error_m), NOW)


async def test_the_cover_of_the_story_belongs_to_the_housing_bureau(db, folder):
    assets = json.loads((folder / "assets.geojson").read_text("utf-8"))["features"]
    place = next(
        each["geometry"]["coordinates"]
        for each in assets
        if each["properties"]["asset_id"] == "A-0172"
    )

    routing = await route(db, "manhole_cover", *place)

    assert (routing.lead_unit, routing.asset_id) == ("housing_bureau", "A-0172")
    assert routing.territory_unit.startswith("village_")


async def test_every_unit_of_the_starter_catalogue_is_in_the_district(db, folder):
    units = {each["unit_key"] for each in json.loads((folder / "units.json").read_text("utf-8"))}
    named = {
        unit
        for item in await catalogue.items(db, 1)
        for unit in (item.lead_unit, *item.assist_units)
        if unit is not None
    }

    assert named <= units


async def test_most_covers_of_the_district_are_routed_to_their_own_owner(db, folder):
    assets = json.loads((folder / "assets.geojson").read_text("utf-8"))["features"]
    covers = [each for each in assets if each["properties"]["type"].startswith("manhole_")][:60]

    right = 0
    for cover in covers:
        routing = await route(db, "manhole_cover", *cover["geometry"]["coordinates"], 5.0)
        right += routing.lead_unit == cover["properties"]["owner_unit"]

    assert right >= 0.8 * len(covers)
