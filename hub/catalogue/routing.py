"""Find the units that answer for an issue at a place, with the reasons. Equal facts, equal answer.

`decide` is pure. `route` gathers the facts for it: assets and repairs in reach, units, territories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from math import exp

from psycopg.rows import class_row

from hub.catalogue import reasons
from hub.catalogue.item import CatalogueItem, OwnerRule, RoutingMode
from hub.catalogue.reasons import RoutingReason
from hub.catalogue.ruling import MAX_ERROR_M, RoutingQuestion, Ruling, matching, scope_in_words
from hub.catalogue.store import SQL
from hub.db import Connection
from hub.geo.distance import box_around, distance_m
from hub.geo.place import Spot
from hub.geo.territories import Territory, load_boundaries

REACH_M = 10.0
"""Assets count within this distance, plus the error radius of the place up to MAX_ERROR_M."""
CLEAR_SHARE = 0.7
"""An owner (or an asset) is clear if it holds this share of the likelihood."""
REPAIR_REACH_M = 15.0
REPAIRS_COUNT_FOR = timedelta(days=730)
_SMALLEST_SIGMA_M = 2.0


@dataclass(frozen=True, slots=True)
class AssetInReach:
    """A registered asset near the place."""

    asset_id: str
    owner_unit: str | None
    lon: float
    lat: float
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A closed case of the same item near the place, and the unit that repaired it."""

    case_no: str
    lead_unit: str
    lon: float
    lat: float
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class UnitName:
    """A registered unit and its names."""

    unit_key: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """The facts around one place that routing depends on."""

    assets: tuple[AssetInReach, ...] = ()
    repairs: tuple[Repair, ...] = ()
    territories: tuple[Territory, ...] = ()
    units: Mapping[str, UnitName] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routing:
    """`lead_unit` is None if a joint study must decide; `why` then holds what is unclear."""

    lead_unit: str | None
    assist_units: tuple[str, ...]
    territory_unit: str | None
    asset_id: str | None
    why: tuple[RoutingReason, ...]

    @property
    def needs_study(self) -> bool:
        return self.lead_unit is None


@dataclass(frozen=True, slots=True)
class AssetChoice:
    """The asset that is meant, its owner and its type, each None if unclear."""

    asset_id: str | None
    owner_unit: str | None
    why: tuple[RoutingReason, ...]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class _Lead:
    """Who leads, with the reasons. `assist_units` are set by a ruling, in place of the item's."""

    unit_key: str | None
    why: tuple[RoutingReason, ...] = ()
    assist_units: tuple[str, ...] | None = None

    @property
    def is_ruled(self) -> bool:
        return self.assist_units is not None


async def route(
    db: Connection,
    item: CatalogueItem,
    spot: Spot,
    now: datetime,
    *,
    asset_id: str | None = None,
    cond_key: str | None = None,
) -> Routing:
    """Find the units for an issue. `asset_id` is an asset that is already known to be meant.

    Without `cond_key`, rulings on one condition don't count.
    """
    return decide(item, spot, await gather(db, item, spot, now), asset_id, cond_key)


async def find_asset(db: Connection, item: CatalogueItem, spot: Spot) -> str | None:
    """The asset of the item's types that is clearly meant at the place, or None."""
    return choose_asset(spot, await _assets(db, item, spot), {}).asset_id


async def place_of_asset(db: Connection, asset_id: str) -> tuple[float, float] | None:
    """Where an asset is registered, as longitude and latitude."""
    row = await (await db.execute(SQL["place_of_asset"], (asset_id,))).fetchone()
    return None if row is None else (row[0], row[1])


async def gather(db: Connection, item: CatalogueItem, spot: Spot, now: datetime) -> RoutingFacts:
    """The facts for `decide`."""
    boundaries = await load_boundaries(db)
    async with db.cursor(row_factory=class_row(UnitName)) as units:
        await units.execute(SQL["unit_names"])
        by_key = {unit.unit_key: unit for unit in await units.fetchall()}
    async with db.cursor(row_factory=class_row(Repair)) as repairs:
        box = box_around(spot.lon, spot.lat, REPAIR_REACH_M + min(spot.error_m, MAX_ERROR_M))
        wanted = {"item_key": item.item_key, "since": now - REPAIRS_COUNT_FOR}
        await repairs.execute(SQL["repairs_within"], wanted | asdict(box))
        return RoutingFacts(
            assets=await _assets(db, item, spot),
            repairs=tuple(await repairs.fetchall()),
            territories=boundaries.containing(spot.lon, spot.lat),
            units=by_key,
        )


def decide(
    item: CatalogueItem,
    spot: Spot,
    facts: RoutingFacts,
    asset_id: str | None = None,
    cond_key: str | None = None,
) -> Routing:
    """Decide by the owner rule: by territory, or by asset, ruling, repair history and fixed unit in order."""
    territory, why = _territory(item, facts)
    choice = _choice(item, spot, facts, asset_id)
    question = _question(spot, facts, choice, cond_key)
    lead = _lead(item, facts, question, choice, territory)
    if lead.unit_key is not None and not lead.is_ruled:
        missing = _missing_for_joint(item, facts, lead, territory)
        if missing is not None:
            lead = _ruled(item.rulings, facts, question) or _Lead(None, (*lead.why, missing))
    assist, assist_why = _assist(item, facts, lead, territory)
    if lead.unit_key is None:
        lead = replace(lead, why=(*lead.why, reasons.needs_study()))
    elif item.routing_mode is RoutingMode.JOINT and assist:
        members = [_names(key, facts.units) for key in (lead.unit_key, *assist)]
        assist_why = (*assist_why, reasons.joint_handling(members))
    reasoned = (*choice.why, *lead.why, *why, *assist_why)
    return Routing(lead.unit_key, assist, territory, choice.asset_id, reasoned)


def question_of(
    item: CatalogueItem,
    spot: Spot,
    facts: RoutingFacts,
    asset_id: str | None = None,
    cond_key: str | None = None,
) -> RoutingQuestion:
    """What a ruling has to answer here; the arguments are those of `decide`."""
    return _question(spot, facts, _choice(item, spot, facts, asset_id), cond_key)


def _question(
    spot: Spot, facts: RoutingFacts, choice: AssetChoice, cond_key: str | None
) -> RoutingQuestion:
    around = tuple(each.unit_key for each in facts.territories)
    return RoutingQuestion(cond_key, spot, choice.type, around)


def _choice(
    item: CatalogueItem, spot: Spot, facts: RoutingFacts, asset_id: str | None
) -> AssetChoice:
    if not item.asset_types:
        return AssetChoice(None, None, ())
    known = tuple(asset for asset in facts.assets if asset.asset_id == asset_id)
    return choose_asset(spot, known or facts.assets, facts.units)


def choose_asset(
    spot: Spot, assets: Sequence[AssetInReach], units: Mapping[str, UnitName]
) -> AssetChoice:
    """Weigh the assets in reach by distance against the error radius (normal, 1.5 sigma)."""
    near = _within_reach(spot, assets)
    if not near:
        return AssetChoice(None, None, (reasons.no_asset(reach_of(spot)),))
    likelihood = _likelihood(spot, near)
    distance, nearest = near[0]
    owner = nearest.owner_unit
    share = sum(likelihood[each.asset_id] for _, each in near if each.owner_unit == owner)
    asset_id = nearest.asset_id if likelihood[nearest.asset_id] >= CLEAR_SHARE else None
    kinds = {nearest.type} if asset_id else {each.type for _, each in near}
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    if share < CLEAR_SHARE:
        other = next(each for _, each in near if each.owner_unit != owner)
        unclear = reasons.owners_unclear(nearest.asset_id, other.asset_id, share)
        return AssetChoice(asset_id, None, (unclear,), kind)
    if owner is None:
        return AssetChoice(asset_id, None, (reasons.ownerless(nearest.asset_id),), kind)
    zh, en = _names(owner, units)
    found = reasons.asset_found(nearest.asset_id, distance, spot.error_m, zh, en)
    return AssetChoice(asset_id, owner, (found,), kind)


def _within_reach(spot: Spot, assets: Sequence[AssetInReach]) -> list[tuple[float, AssetInReach]]:
    """The assets that may be meant with their distances, the nearest first."""
    measured = [(distance_m(spot.lon, spot.lat, each.lon, each.lat), each) for each in assets]
    within = [pair for pair in measured if pair[0] <= reach_of(spot)]
    return sorted(within, key=lambda pair: (pair[0], pair[1].asset_id))


def _likelihood(spot: Spot, near: Sequence[tuple[float, AssetInReach]]) -> dict[str, float]:
    """The share of each asset by id; together they are 1."""
    sigma = max(min(spot.error_m, MAX_ERROR_M) / 1.5, _SMALLEST_SIGMA_M)
    weight = {each.asset_id: _weight(distance, near[0][0], sigma) for distance, each in near}
    total = sum(weight.values())
    return {asset_id: each / total for asset_id, each in weight.items()}


def reach_of(spot: Spot) -> float:
    """The distance in metres within which an asset may be meant."""
    return REACH_M + min(spot.error_m, MAX_ERROR_M)


def _weight(distance: float, shortest: float, sigma: float) -> float:
    return exp(-(distance**2 - shortest**2) / (2 * sigma**2))


def _lead(
    item: CatalogueItem,
    facts: RoutingFacts,
    question: RoutingQuestion,
    choice: AssetChoice,
    territory: str | None,
) -> _Lead:
    over = [each for each in item.rulings if each.over_register]
    if (ruled := _ruled(over, facts, question)) is not None:
        return ruled
    if item.owner_rule is OwnerRule.TERRITORY and territory is not None:
        return _Lead(territory)
    if choice.owner_unit is not None and item.owner_rule is OwnerRule.ASSET_OWNER:
        return _Lead(choice.owner_unit)
    return _ruled(item.rulings, facts, question) or _repairer_or_fixed(item, facts, question.spot)


def _repairer_or_fixed(item: CatalogueItem, facts: RoutingFacts, spot: Spot) -> _Lead:
    if item.owner_rule in (OwnerRule.ASSET_OWNER, OwnerRule.STUDY):
        repaired = _repaired_before(spot, facts)
        if repaired is not None:
            return repaired
    if item.lead_unit is None or item.owner_rule is OwnerRule.STUDY:
        return _Lead(None)
    if item.lead_unit not in facts.units:
        return _Lead(None, (reasons.unknown_unit(item.lead_unit),))
    names = _names(item.lead_unit, facts.units)
    return _Lead(item.lead_unit, (reasons.fixed_unit(item.lead_unit, *names),))


def _ruled(
    rulings: Sequence[Ruling], facts: RoutingFacts, question: RoutingQuestion
) -> _Lead | None:
    """The ruling that answers the question; one that names a unit which is gone doesn't."""
    by_key = {key: (unit.name_zh, unit.name_en) for key, unit in facts.units.items()}
    for ruling in matching(rulings, question):
        if ruling.lead_unit in facts.units:
            names = _names(ruling.lead_unit, facts.units)
            reason = reasons.ruled(ruling, names, scope_in_words(ruling.scope, by_key))
            return _Lead(ruling.lead_unit, (reason,), ruling.assist_units)
    return None


def _repaired_before(spot: Spot, facts: RoutingFacts) -> _Lead | None:
    """The newest repair here; earlier repairs by other units don't matter."""
    reach = REPAIR_REACH_M + min(spot.error_m, MAX_ERROR_M)
    newest_first = sorted(
        facts.repairs, key=lambda each: (each.closed_at, each.case_no), reverse=True
    )
    for repair in newest_first:
        distance = distance_m(spot.lon, spot.lat, repair.lon, repair.lat)
        if distance <= reach:
            names = _names(repair.lead_unit, facts.units)
            reason = reasons.repaired_before(repair.case_no, distance, *names)
            return _Lead(repair.lead_unit, (reason,))
    return None


def _territory(
    item: CatalogueItem, facts: RoutingFacts
) -> tuple[str | None, tuple[RoutingReason, ...]]:
    if not facts.territories:
        return None, (reasons.outside_territories(),)
    at_level = (each for each in facts.territories if each.level == item.territory_level)
    chosen = next(at_level, facts.territories[0]).unit_key
    return chosen, (reasons.in_territory(chosen, *_names(chosen, facts.units)),)


def _assist(
    item: CatalogueItem, facts: RoutingFacts, lead: _Lead, territory: str | None
) -> tuple[tuple[str, ...], tuple[RoutingReason, ...]]:
    """Who assists: those that the ruling names, or the item's; jointly, the territory always does."""
    if lead.assist_units is not None:
        wanted = list(lead.assist_units)
    else:
        wanted = [*([item.lead_unit] if item.lead_unit else []), *item.assist_units]
        if item.routing_mode is RoutingMode.DIRECT and item.owner_rule is not OwnerRule.TERRITORY:
            wanted = [key for key in wanted if key != item.lead_unit]
    if item.routing_mode is RoutingMode.JOINT and territory is not None:
        wanted.append(territory)
    others = [key for key in dict.fromkeys(wanted) if key != lead.unit_key]
    why = tuple(reasons.unknown_unit(key) for key in others if key not in facts.units)
    return tuple(key for key in others if key in facts.units), why


def _missing_for_joint(
    item: CatalogueItem, facts: RoutingFacts, lead: _Lead, territory: str | None
) -> RoutingReason | None:
    """A joint issue needs its territory and a department with the power to settle it, or a study."""
    if item.routing_mode is RoutingMode.DIRECT:
        return None
    if territory is None:
        return reasons.joint_without_territory()
    assist, _ = _assist(item, facts, lead, territory)
    return reasons.joint_without_department() if {lead.unit_key, *assist} == {territory} else None


def _names(unit_key: str, units: Mapping[str, UnitName]) -> tuple[str, str]:
    unit = units.get(unit_key)
    return (unit.name_zh, unit.name_en) if unit else (unit_key, unit_key)


async def _assets(db: Connection, item: CatalogueItem, spot: Spot) -> tuple[AssetInReach, ...]:
    if not item.asset_types:
        return ()
    box = box_around(spot.lon, spot.lat, reach_of(spot))
    async with db.cursor(row_factory=class_row(AssetInReach)) as cursor:
        wanted = {"types": list(item.asset_types)}
        await cursor.execute(SQL["assets_within"], wanted | asdict(box))
        return tuple(await cursor.fetchall())
