"""File an issue as a case, and route it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from hub import catalogue
from hub.cases import dedup, store
from hub.cases.actor import Actor
from hub.cases.case import Case, Event, State
from hub.cases.evidence import EvidenceLink
from hub.cases.facts import gather_facts
from hub.cases.moves import CaseMove, Payload
from hub.cases.moving import carry_out, change
from hub.cases.record import CaseEntryKind, transition_entry
from hub.cases.transitions import TRANSITIONS, permit
from hub.catalogue import CatalogueItem, Condition
from hub.clock import local_date
from hub.db import Connection
from hub.errors import Conflict, GuardRefused, InvalidInput
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """An issue to be filed. `occurred_at` is when it was seen first, by the source's clock.

    `alarm_key` is the key of the case of an alarm, which asks for no photo and is like no other issue.
    `callback_required`: whoever reported it wants to be called back. `apart_from` are cases of which a
    person has said that they are something else, however near they are.
    """

    item_key: str
    cond_key: str
    spot: Spot
    text: str = ""
    evidence: tuple[EvidenceLink, ...] = ()
    asset_id: str | None = None
    occurred_at: datetime | None = None
    recurrence_of: int | None = None
    callback_required: bool = False
    apart_from: frozenset[int] = frozenset()
    alarm_key: str | None = None


async def file_case(work: UnitOfWork, new: NewCase, actor: Actor) -> Case:
    """File an issue as a case in FILED. The newest catalogue applies.

    Raises Forbidden, InvalidInput for an item that is unknown or out of force or for an unknown
    condition, GuardRefused without a photo if the condition asks for one, and Conflict if the same
    issue has an open case.
    """
    permit(TRANSITIONS[None, Event.FILE], None, actor)
    version = await catalogue.current_version(work.db)
    item, condition = await _known_condition(work.db, version, new)
    if new.alarm_key is None and (why := item.out_of_force(local_date(work.now))) is not None:
        raise InvalidInput(f"{why}; choose another item", field="item_key")
    if new.alarm_key is None:
        require_photo(condition, new.evidence)
    asset_id = None
    if new.alarm_key is None:
        await dedup.lock_place(work.db, item, new.spot)
        asset_id = new.asset_id or await catalogue.find_asset(work.db, item, new.spot)
    case = _new_case(new, item, condition, version, asset_id, actor, work.now)
    case = await _with_recurrence(work.db, case, item, new)
    is_apart = await _is_apart(work.db, case, new.apart_from)
    case_no = await store.next_case_no(work.db, local_date(work.now))
    key = dedup.key_apart(case.dedup_key, case_no) if is_apart else case.dedup_key
    case = replace(case, case_no=case_no, dedup_key=key)
    case = replace(case, case_id=await store.insert_case(work.db, case))
    await store.add_evidence(work.db, case.case_id, new.evidence, work.now)
    said = Payload(text=new.text, evidence=tuple(link.sha256 for link in new.evidence))
    work.record(transition_entry(None, case, Event.FILE, actor, work.now, said))
    log.info("case_filed", case_no=case.case_no, item_key=case.item_key, by=actor.name)
    return case


def require_photo(condition: Condition, evidence: Sequence[EvidenceLink]) -> None:
    """Raises GuardRefused without a photo if the condition asks for one."""
    if condition.evidence_required and not evidence:
        raise GuardRefused(
            "a case needs at least one photo of what is wrong: `evidence`", guard="evidence_given"
        )


async def route_case(work: UnitOfWork, case: Case, actor: Actor) -> Case:
    """Route a case if it is clear which unit is responsible; otherwise keep the reasons.

    The caller has filed or locked it.
    """
    facts = await gather_facts(work.db, case, Event.ROUTE, Payload(), actor, work.now)
    routing = facts.routing
    assert routing is not None
    if not routing.needs_study:
        return await carry_out(work, CaseMove(case, Event.ROUTE, actor, Payload(), facts, work.now))
    unclear = replace(
        case,
        why=routing.why,
        territory_unit=routing.territory_unit,
        asset_id=case.asset_id or routing.asset_id,
    )
    return await change(work.by(actor.name), case, unclear, CaseEntryKind.ROUTING_UNCLEAR, {})


async def _known_condition(
    db: Connection, version: int, new: NewCase
) -> tuple[CatalogueItem, Condition]:
    item = await catalogue.find_item(db, version, new.item_key)
    if item is None:
        raise InvalidInput(f"the catalogue has no item {new.item_key}", field="item_key")
    condition = item.condition(new.cond_key)
    if condition is None:
        known = ", ".join(each.cond_key for each in item.conditions)
        raise InvalidInput(f"{item.item_key} has only the conditions {known}", field="cond_key")
    return item, condition


def _new_case(
    new: NewCase,
    item: CatalogueItem,
    condition: Condition,
    version: int,
    asset_id: str | None,
    actor: Actor,
    now: datetime,
) -> Case:
    occurred_at = new.occurred_at or now
    return Case(
        case_id=0,
        case_no="",
        version=1,
        state=State.FILED,
        item_key=item.item_key,
        cond_key=condition.cond_key,
        catalogue_version=version,
        severity=condition.severity,
        lon=new.spot.lon,
        lat=new.spot.lat,
        error_m=new.spot.error_m,
        asset_id=asset_id,
        dedup_key=new.alarm_key or dedup.dedup_key(item, asset_id, new.spot),
        occurred_at=occurred_at,
        last_seen_at=occurred_at,
        filed_at=now,
        filed_by=actor.name,
        text=new.text,
        callback_required=item.callback_required or new.callback_required,
        recurrence_of=new.recurrence_of,
    )


async def _with_recurrence(db: Connection, case: Case, item: CatalogueItem, new: NewCase) -> Case:
    """The case linked with the closed one that it is a recurrence of, whoever files it."""
    if case.recurrence_of is not None or new.alarm_key is not None:
        return case
    issue = dedup.LocatedIssue(item, new.spot, case.asset_id, case.occurred_at)
    earlier = await dedup.find_closed(db, issue, new.apart_from)
    return case if earlier is None else replace(case, recurrence_of=earlier.case_id)


async def _is_apart(db: Connection, case: Case, apart_from: frozenset[int]) -> bool:
    """Whether the key is that of an open case that the new one is told apart from.

    Raises Conflict if it is that of another open case.
    """
    same = await dedup.open_case_with_key(db, case.dedup_key)
    if same is not None and same.case_id not in apart_from:
        raise Conflict(
            f"the same issue has the open case {same.case_no}; add to that one",
            case_id=same.case_id,
            case_no=same.case_no,
        )
    return same is not None
