"""Which units answer for an issue at a place, and why. The same facts give the same answer.

`decide` is pure. `route` gathers the facts for it: assets and repairs in reach, units, territories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from math import exp

from psycopg.rows import class_row

from hub.catalogue import reasons
from hub.catalogue.item import CatalogueItem, OwnerRule, RoutingMode
from hub.catalogue.reasons import Reason
from hub.catalogue.store import SQL
from hub.db import Connection
from hub.geo.distance import BoundingBox, box_around, distance_m
from hub.geo.place import Spot
from hub.geo.territories import Boundaries, Territory, load_boundaries

REACH_M = 10.0
"""An asset counts within this distance, plus the error radius of the place up to MAX_ERROR_M."""
MAX_ERROR_M = 50.0
CLEAR_SHARE = 0.7
"""An owner (or an asset) is clear where it holds this share of the likelihood."""
REPAIR_REACH_M = 15.0
REPAIRS_COUNT_FOR = timedelta(days=730)
_SMALLEST_SIGMA_M = 2.0


@dataclass(frozen=True, slots=True)
class Asset:
    asset_id: str
    type: str
    owner_unit: str | None
    name_zh: str
    name_en: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Repair:
    """A closed case of the same item: who repaired what, and where."""

    case_no: str
    lead_unit: str
    lon: float
    lat: float
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    unit_key: str
    kind: str
    level: str | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Ground:
    """All that routing may look at, gathered around one place."""

    assets: tuple[Asset, ...] = ()
    repairs: tuple[Repair, ...] = ()
    territories: tuple[Territory, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routing:
    """`lead_unit` is None where a joint study must decide; then `why` says what is unclear."""

    lead_unit: str | None
    assist_units: tuple[str, ...]
    territory_unit: str | None
    asset_id: str | None
    why: tuple[Reason, ...]

    @property
    def needs_study(self) -> bool:
        return self.lead_unit is None


@dataclass(frozen=True, slots=True)
class AssetChoice:
    """What the assets in reach say: which asset it is, where clear, and whose, where clear."""

    asset_id: str | None
    owner_unit: str | None
    why: tuple[Reason, ...]


async def route(
    db: Connection, item: CatalogueItem, spot: Spot, now: datetime, *, asset_id: str | None = None
) -> Routing:
    """Route an issue. `asset_id` is an asset that is already known to be the one."""
    return decide(item, spot, await gather(db, item, spot, now), asset_id)


async def find_asset(db: Connection, item: CatalogueItem, spot: Spot) -> str | None:
    """The one asset of the item's types that a sighting at the place clearly means, or None."""
    return choose_asset(spot, await _assets(db, item, spot), {}).asset_id


async def gather(db: Connection, item: CatalogueItem, spot: Spot, now: datetime) -> Ground:
    """The facts for `decide`."""
    boundaries: Boundaries = await load_boundaries(db)
    async with db.cursor(row_factory=class_row(Unit)) as units:
        await units.execute(SQL["unit_names"])
        by_key = {unit.unit_key: unit for unit in await units.fetchall()}
    async with db.cursor(row_factory=class_row(Repair)) as repairs:
        box = box_around(spot.lon, spot.lat, REPAIR_REACH_M + min(spot.error_m, MAX_ERROR_M))
        facts = {"item_key": item.item_key, "since": now - REPAIRS_COUNT_FOR}
        await repairs.execute(SQL["repairs_within"], facts | _edges(box))
        return Ground(
            assets=await _assets(db, item, spot),
            repairs=tuple(await repairs.fetchall()),
            territories=boundaries.containing(spot.lon, spot.lat),
            units=by_key,
        )


def decide(item: CatalogueItem, spot: Spot, ground: Ground, asset_id: str | None = None) -> Routing:
    """Asset and owner, then repair history, then the fixed unit, then the territory."""
    territory, why = _territory(item, ground)
    choice = AssetChoice(None, None, ())
    if item.asset_types:
        known = tuple(asset for asset in ground.assets if asset.asset_id == asset_id)
        choice = choose_asset(spot, known or ground.assets, ground.units)
    lead, lead_why = _lead(item, spot, ground, choice, territory)
    assist, assist_why = _assist(item, ground, lead, territory)
    if lead is None:
        lead_why = (*lead_why, reasons.needs_study())
    return Routing(
        lead, assist, territory, choice.asset_id, (*choice.why, *lead_why, *why, *assist_why)
    )


def choose_asset(spot: Spot, assets: Sequence[Asset], units: Mapping[str, Unit]) -> AssetChoice:
    """Weigh the assets in reach by distance against the error radius (normal, 1.5 sigma)."""
    reach = reach_of(spot)
    near = sorted(
        (distance_m(spot.lon, spot.lat, asset.lon, asset.lat), asset.asset_id, asset)
        for asset in assets
    )
    near = [each for each in near if each[0] <= reach]
    if not near:
        return AssetChoice(None, None, (reasons.no_asset(reach),))
    sigma = max(min(spot.error_m, MAX_ERROR_M) / 1.5, _SMALLEST_SIGMA_M)
    likelihood = {asset.asset_id: _weight(d, near[0][0], sigma) for d, _, asset in near}
    total = sum(likelihood.values())
    distance, _, nearest = near[0]
    owner = nearest.owner_unit
    share = sum(likelihood[a.asset_id] for _, _, a in near if a.owner_unit == owner) / total
    asset_id = nearest.asset_id if likelihood[nearest.asset_id] / total >= CLEAR_SHARE else None
    if share < CLEAR_SHARE:
        other = next(a for _, _, a in near if a.owner_unit != owner)
        unclear = reasons.owners_unclear(nearest.asset_id, other.asset_id, share)
        return AssetChoice(asset_id, None, (unclear,))
    if owner is None:
        return AssetChoice(asset_id, None, (reasons.ownerless(nearest.asset_id),))
    zh, en = _names(owner, units)
    found = reasons.asset_found(nearest.asset_id, distance, spot.error_m, zh, en)
    return AssetChoice(asset_id, owner, (found,))


def reach_of(spot: Spot) -> float:
    """How far from the place an asset may lie to be meant, in metres."""
    return REACH_M + min(spot.error_m, MAX_ERROR_M)


def _weight(distance: float, shortest: float, sigma: float) -> float:
    return exp(-(distance**2 - shortest**2) / (2 * sigma**2))


def _lead(
    item: CatalogueItem,
    spot: Spot,
    ground: Ground,
    choice: AssetChoice,
    territory: str | None,
) -> tuple[str | None, tuple[Reason, ...]]:
    if item.owner_rule is OwnerRule.TERRITORY and territory is not None:
        return territory, ()
    if choice.owner_unit is not None and item.owner_rule is OwnerRule.ASSET_OWNER:
        return choice.owner_unit, ()
    if item.owner_rule in (OwnerRule.ASSET_OWNER, OwnerRule.STUDY):
        repaired = _repaired_before(spot, ground)
        if repaired is not None:
            return repaired
    if item.lead_unit is None or item.owner_rule is OwnerRule.STUDY:
        return None, ()
    if item.lead_unit not in ground.units:
        return None, (reasons.unknown_unit(item.lead_unit),)
    names = _names(item.lead_unit, ground.units)
    return item.lead_unit, (reasons.fixed_unit(item.lead_unit, *names),)


def _repaired_before(spot: Spot, ground: Ground) -> tuple[str, tuple[Reason, ...]] | None:
    """The newest repair here; earlier ones by other units don't make it unclear."""
    reach = REPAIR_REACH_M + min(spot.error_m, MAX_ERROR_M)
    for repair in sorted(ground.repairs, key=lambda each: each.closed_at, reverse=True):
        distance = distance_m(spot.lon, spot.lat, repair.lon, repair.lat)
        if distance <= reach:
            names = _names(repair.lead_unit, ground.units)
            return repair.lead_unit, (reasons.repaired_before(repair.case_no, distance, *names),)
    return None


def _territory(item: CatalogueItem, ground: Ground) -> tuple[str | None, tuple[Reason, ...]]:
    if not ground.territories:
        return None, (reasons.outside_territories(),)
    at_level = (each for each in ground.territories if each.level == item.territory_level)
    chosen = next(at_level, ground.territories[0]).unit_key
    return chosen, (reasons.in_territory(chosen, *_names(chosen, ground.units)),)


def _assist(
    item: CatalogueItem, ground: Ground, lead: str | None, territory: str | None
) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    wanted = [*([item.lead_unit] if item.lead_unit else []), *item.assist_units]
    if item.routing_mode is RoutingMode.JOINT and territory is not None:
        wanted.append(territory)
    others = [key for key in dict.fromkeys(wanted) if key != lead]
    if item.routing_mode is RoutingMode.DIRECT and item.owner_rule is not OwnerRule.TERRITORY:
        others = [key for key in others if key != item.lead_unit]
    why = [reasons.unknown_unit(key) for key in others if key not in ground.units]
    if item.routing_mode is RoutingMode.JOINT and lead is not None:
        why.append(reasons.joint_handling(*_names(lead, ground.units)))
    return tuple(key for key in others if key in ground.units), tuple(why)


def _names(unit_key: str, units: Mapping[str, Unit]) -> tuple[str, str]:
    unit = units.get(unit_key)
    return (unit.name_zh, unit.name_en) if unit else (unit_key, unit_key)


async def _assets(db: Connection, item: CatalogueItem, spot: Spot) -> tuple[Asset, ...]:
    if not item.asset_types:
        return ()
    box = box_around(spot.lon, spot.lat, reach_of(spot))
    async with db.cursor(row_factory=class_row(Asset)) as cursor:
        facts = {"types": list(item.asset_types)}
        await cursor.execute(SQL["assets_within"], facts | _edges(box))
        return tuple(await cursor.fetchall())


def _edges(box: BoundingBox) -> dict[str, float]:
    return asdict(box)
