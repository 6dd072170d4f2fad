"""Look up the facts for a decision about a case, which depend on the event."""

from dataclasses import replace
from datetime import datetime

from hub import catalogue
from hub.cases import dedup, store
from hub.cases.actor import Actor
from hub.cases.case import Case, Event
from hub.cases.moves import BegunStep, MoveFacts, Payload
from hub.cases.passing import pass_grounds
from hub.cases.provenance import Provenance, Scene, examine, not_arrived, of_the_case
from hub.catalogue import Routing, reasons
from hub.catalogue.item import Condition
from hub.db import Connection
from hub.deadlines import Limit, load_calendar
from hub.errors import InvalidInput
from hub.geo.place import Spot


async def gather_facts(
    db: Connection, case: Case, event: Event, payload: Payload, actor: Actor, now: datetime
) -> MoveFacts:
    """The facts for `decide`. Raises InvalidInput if the payload names something that doesn't exist."""
    match event:
        case Event.ROUTE | Event.RULE:
            facts = await _routing_facts(db, case, event, payload, actor, now)
        case Event.REFER_STUDY:
            facts = MoveFacts(unknown_units=await store.unknown_units(db, payload.units))
        case Event.ESCALATE:
            condition = await condition_of(db, case, payload.cond_key or case.cond_key)
            facts = MoveFacts(
                limit=condition.limit, severity=condition.severity, staged=bool(condition.steps)
            )
        case Event.MERGE if payload.into is not None:
            facts = MoveFacts(target=await store.find_case(db, payload.into))
        case Event.RECUR:
            facts = MoveFacts(target=await dedup.open_case_with_key(db, case.dedup_key))
        case Event.FEEDBACK | Event.STEP_DONE:
            facts = MoveFacts(
                provenance=await provenance_of(db, case, payload.evidence),
                next_limit=await _next_limit(db, case),
            )
        case Event.BEGIN_STEP:
            facts = MoveFacts(
                provenance=await _site_photos(db, case, payload.evidence),
                begun=await _begun(db, case, payload.step_key),
            )
        case Event.PASS if actor.role is None:
            facts = MoveFacts(pass_grounds=await pass_grounds(db, case))
        case Event.APPEAL:
            facts = MoveFacts(was_overdue=await store.was_overdue(db, case.case_id))
        case _:
            facts = MoveFacts()
    return replace(facts, calendar=await load_calendar(db, case.due_at or now))


async def _routing_facts(
    db: Connection, case: Case, event: Event, payload: Payload, actor: Actor, now: datetime
) -> MoveFacts:
    named = [*payload.units, *([payload.unit_key] if payload.unit_key else [])]
    unknown = await store.unknown_units(db, named)
    case = replace(case, catalogue_version=await _version_in_force(db, case))
    routing = None if unknown else await _chosen_routing(db, case, event, payload, actor, now)
    condition = await condition_of(db, case, case.cond_key)
    return MoveFacts(
        routing=routing,
        catalogue_version=case.catalogue_version,
        limit=condition.limit,
        unknown_units=unknown,
        staged=bool(condition.steps),
    )


async def _version_in_force(db: Connection, case: Case) -> int:
    """The newest version of the catalogue, or that of the case if the newest lacks its condition."""
    newest = await catalogue.current_version(db)
    item = await catalogue.find_item(db, newest, case.item_key)
    known = item is not None and item.condition(case.cond_key) is not None
    return newest if known else case.catalogue_version


async def _next_limit(db: Connection, case: Case) -> Limit | None:
    """The limit of the step that follows the running one."""
    if case.step is None:
        return None
    following = (await condition_of(db, case, case.cond_key)).steps[case.step + 1 :]
    return following[0].limit if following else None


async def _begun(db: Connection, case: Case, step_key: str | None) -> BegunStep | None:
    """The step of this key, if it follows the running one."""
    if case.step is None:
        return None
    steps = (await condition_of(db, case, case.cond_key)).steps
    ahead = (each for each in enumerate(steps) if each[0] > (case.step or 0))
    return next(
        (BegunStep(index, step.limit) for index, step in ahead if step.step_key == step_key), None
    )


async def routing_of(db: Connection, case: Case, now: datetime) -> Routing:
    """The routing of the case by its own version of the catalogue."""
    item = await catalogue.item(db, case.catalogue_version, case.item_key)
    spot = Spot(case.lon, case.lat, case.error_m)
    return await catalogue.route(
        db, item, spot, now, asset_id=case.asset_id, cond_key=case.cond_key
    )


async def condition_of(db: Connection, case: Case, cond_key: str) -> Condition:
    """A condition of the case's item. Raises InvalidInput."""
    item = await catalogue.item(db, case.catalogue_version, case.item_key)
    condition = item.condition(cond_key)
    if condition is None:
        raise InvalidInput(f"{item.item_key} has no condition {cond_key}", field="cond_key")
    return condition


async def provenance_of(
    db: Connection, case: Case, photos: tuple[str, ...]
) -> tuple[Provenance, ...]:
    """The checks of each photo's origin against the case, or the step of it that runs."""
    since = case.step_at or case.routed_at or case.filed_at
    scene = Scene(case.lon, case.lat, case.error_m, since)
    examined: list[Provenance] = []
    for sha256 in dict.fromkeys(photos):
        origin = await store.photo_origin(db, case.case_id, sha256)
        examined.append(not_arrived(sha256) if origin is None else examine(origin, scene))
    return tuple(examined)


async def _site_photos(
    db: Connection, case: Case, photos: tuple[str, ...]
) -> tuple[Provenance, ...]:
    """As `provenance_of`; a photo that the case has shows the site already, whoever took it."""
    own = await store.photos_of(db, case.case_id)
    shown = tuple(of_the_case(each) for each in dict.fromkeys(photos) if each in own)
    return shown + await provenance_of(db, case, tuple(each for each in photos if each not in own))


async def _chosen_routing(
    db: Connection, case: Case, event: Event, payload: Payload, actor: Actor, now: datetime
) -> Routing:
    """The catalogue's routing, or the unit chosen by hand or by a ruling, with both in the reasons."""
    routing = await routing_of(db, case, now)
    chosen = payload.unit_key
    if chosen is None:
        return routing
    zh, en = await catalogue.unit_names(db, chosen)
    reason = reasons.chosen_by(actor.name, zh, en)
    if event is Event.RULE:
        reason = reasons.ruled_here(actor.name, zh, en, payload.reason or "")
    assist = tuple(payload.units) or routing.assist_units
    return Routing(
        lead_unit=chosen,
        assist_units=tuple(key for key in assist if key != chosen),
        territory_unit=routing.territory_unit,
        asset_id=routing.asset_id,
        why=(reason, *routing.why),
    )
