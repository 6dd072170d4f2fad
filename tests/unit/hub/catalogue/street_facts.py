"""Facts of a street for tests of routing."""

from datetime import UTC, datetime, timedelta

from hub.catalogue.item import CatalogueItem
from hub.catalogue.routing import AssetInReach, Repair, RoutingFacts, UnitName
from hub.geo.place import Spot
from hub.geo.territories import Territory, TerritoryLevel

LON, LAT = 103.82, 25.60
METRE_EAST = 1 / 100_420
NOW = datetime(2025, 8, 7, tzinfo=UTC)
SPOT = Spot(LON, LAT, 5.0)
DEPARTMENTS = ("housing_bureau", "power_supply", "sanitation", "justice")
UNITS = {key: UnitName(key, f"{key} 局", key) for key in DEPARTMENTS} | {
    key: UnitName(key, key, key) for key in ("village_001", "town_01")
}
TERRITORIES = (
    Territory("village_001", TerritoryLevel.VILLAGE),
    Territory("town_01", TerritoryLevel.TOWNSHIP),
)


def asset(asset_id: str, metres: float, owner: str | None = "housing_bureau") -> AssetInReach:
    return AssetInReach(asset_id, owner, LON + metres * METRE_EAST, LAT)


def repair(metres: float, unit: str, days_ago: int, number: int = 1) -> Repair:
    closed_at = NOW - timedelta(days=days_ago)
    return Repair(f"case {number}", unit, LON + metres * METRE_EAST, LAT, closed_at)


def facts(*assets: AssetInReach, repairs: tuple[Repair, ...] = ()) -> RoutingFacts:
    return RoutingFacts(assets, repairs, TERRITORIES, UNITS)


def item(**fields: object) -> CatalogueItem:
    limit = {"limit_type": "work_day", "limit_value": 2}
    facts = {
        "item_key": "cover",
        "title_zh": "井盖",
        "title_en": "Cover",
        "kind": "component",
        "owner_rule": "asset_owner",
        "asset_types": ["manhole_sewage"],
        "conditions": [{"cond_key": "broken", "text_zh": "破", "text_en": "broken", **limit}],
    }
    return CatalogueItem.model_validate(facts | fields)


def codes(routing) -> list[str]:
    return [reason.code for reason in routing.why]
