"""The responsibility list, and the routing of an issue to the units responsible for it."""

from hub.catalogue.commands import ImportReport, import_catalogue, import_starter
from hub.catalogue.item import CatalogueItem, Condition, LimitStep, Severity
from hub.catalogue.reasons import RoutingReason
from hub.catalogue.routing import Routing, find_asset, place_of_asset, route
from hub.catalogue.store import (
    DetectorMatch,
    by_detector,
    current_version,
    find_item,
    item,
    items,
    newest_version,
    unit_names,
)
from hub.catalogue.versions import new_version

__all__ = [
    "CatalogueItem",
    "Condition",
    "DetectorMatch",
    "ImportReport",
    "LimitStep",
    "Routing",
    "RoutingReason",
    "Severity",
    "by_detector",
    "current_version",
    "find_asset",
    "find_item",
    "import_catalogue",
    "import_starter",
    "item",
    "items",
    "new_version",
    "newest_version",
    "place_of_asset",
    "route",
    "unit_names",
]
