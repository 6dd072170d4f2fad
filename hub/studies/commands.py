"""Answer in a joint study, rule, propose the ruling to the catalogue, and accept or decline that."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from pydantic import JsonValue

from hub import catalogue
from hub.accounts.account import Role
from hub.cases import Actor, Case, Event, State
from hub.cases.commands import note, transition
from hub.cases.record import CaseEntryKind
from hub.cases.store import case_by_id, lock_case
from hub.catalogue import CatalogueItem, Routing
from hub.catalogue.routing import RoutingFacts, decide, gather, question_of
from hub.catalogue.ruling import RoutingQuestion, Ruling, RulingScope, matching, with_ruling
from hub.catalogue.versions import new_version
from hub.clock import TIMEZONE
from hub.errors import Conflict, Forbidden, InvalidInput
from hub.geo.place import Spot
from hub.journal import Subject, entries_of
from hub.journal.unit_of_work import UnitOfWork
from hub.studies import store
from hub.studies.study import (
    Proposal,
    ProposalState,
    StudyPosition,
    StudyRuling,
    ruling_of,
    scope_of,
)

log = structlog.get_logger()

MAY_DECIDE = (Role.SUPERVISOR, Role.ADMIN)
"""Those who accept a proposal for the catalogue, or decline it."""


async def answer(
    work: UnitOfWork,
    case_id: int,
    actor: Actor,
    position: StudyPosition,
    text: str,
    unit_key: str | None = None,
) -> Case:
    """Record what an invited unit says; an operator names the unit that said it.

    Raises NotFound, Conflict once the study has ended, and Forbidden for a unit that is not invited.
    """
    case = await lock_case(work.db, case_id)
    if case.state is not State.JOINT_STUDY:
        raise Conflict(
            f"case {case.case_no} is {case.state}; its study has ended", state=case.state
        )
    unit = _answering(case, actor, unit_key)
    if not text.strip():
        raise InvalidInput("say why: `text` is empty", field="text")
    await store.add_answer(work.db, case_id, unit, position, text.strip(), work.now, actor.name)
    data: dict[str, JsonValue] = {"unit": unit, "position": str(position), "text": text.strip()}
    await note(work.by(actor.name), case, CaseEntryKind.STUDY_ANSWERED, data)
    return case


def _answering(case: Case, actor: Actor, unit_key: str | None) -> str:
    own = actor.unit_key if actor.role is Role.UNIT_HANDLER else None
    if own is not None and unit_key not in (None, own):
        raise Forbidden(f"you answer for {own} only", unit_key=unit_key)
    unit = own or unit_key
    if unit is None:
        raise InvalidInput("name the unit that answers: `unit_key`", field="unit_key")
    if unit not in case.invited_units:
        invited = ", ".join(case.invited_units)
        raise Forbidden(f"{unit} is not invited to this study; {invited} are", unit_key=unit)
    return unit


async def rule(
    work: UnitOfWork,
    case_id: int,
    actor: Actor,
    *,
    version: int | None,
    lead_unit: str,
    assist_units: Sequence[str],
    minutes: str,
    basis: str,
) -> tuple[Case, StudyRuling]:
    """End the study of a case: it is routed as ruled. Raises what `transition` does."""
    case = await transition(
        work,
        case_id,
        Event.RULE,
        actor=actor,
        version=version,
        unit_key=lead_unit,
        units=tuple(assist_units),
        text=minutes,
        reason=basis,
    )
    return case, StudyRuling(work.now, actor.name, lead_unit, case.assist_units, minutes, basis)


async def propose(
    work: UnitOfWork,
    case: Case,
    actor: Actor,
    *,
    ruling: StudyRuling | None = None,
    scope: RulingScope | None = None,
    over_register: bool | None = None,
) -> Proposal:
    """Propose the ruling of a case to the catalogue, for the same question or for a wider one.

    Without `scope` it is for what the case asks: see `scope_of`. Without `over_register`, it beats a
    registered owner if the catalogue would name another unit today. Raises Conflict if there is no
    ruling or a proposal that waits, and InvalidInput for a ruling that would not route its own case.
    """
    ruling = ruling or await _recorded_ruling(work, case)
    if await store.has_open_proposal(work.db, case.case_id):
        raise Conflict(f"a proposal of case {case.case_no} waits already; decide that one first")
    item = await newest_item(work, case.item_key)
    facts = await gather(work.db, item, _spot(case), work.now)
    asked = question_of(item, _spot(case), facts, case.asset_id, case.cond_key)
    if over_register is None:
        over_register = _routed(case, item, facts).lead_unit not in (None, ruling.lead_unit)
    number = await store.next_proposal_id(work.db)
    asks = scope or scope_of(case, item, asked.asset_type)
    entry = _entry(number, case, ruling, asks, over_register=over_register)
    _must_route_itself(case, item, entry, facts, asked)
    state = ProposalState.PROPOSED
    proposal = Proposal(number, case.case_id, item.item_key, entry, state, work.now, actor.name)
    await store.add_proposal(work.db, proposal)
    said = entry.model_dump(mode="json")
    data: dict[str, JsonValue] = {"proposal_id": number, "ruling": said}
    await note(work.by(actor.name), case, CaseEntryKind.RULING_PROPOSED, data)
    return proposal


def _entry(
    number: int, case: Case, ruling: StudyRuling, scope: RulingScope, *, over_register: bool
) -> Ruling:
    return Ruling(
        ruling_no=number,
        scope=scope,
        lead_unit=ruling.lead_unit,
        assist_units=ruling.assist_units,
        basis=ruling.basis,
        case_no=case.case_no,
        decided_on=ruling.at.astimezone(TIMEZONE).date(),
        over_register=over_register,
    )


async def _recorded_ruling(work: UnitOfWork, case: Case) -> StudyRuling:
    ruling = ruling_of(await entries_of(work.db, Subject.CASE, str(case.case_id)))
    if ruling is None:
        raise Conflict(f"case {case.case_no} has no ruling to propose; rule first")
    return ruling


async def accept(work: UnitOfWork, proposal_id: int, actor: Actor) -> Proposal:
    """Make a version of the catalogue that holds the ruling.

    Raises NotFound, Forbidden, and Conflict if the proposal is decided or its unit is gone.
    """
    proposal = await _waiting(work, proposal_id, actor)
    case = await case_by_id(work.db, proposal.case_id)
    item = await newest_item(work, proposal.item_key)
    ruling = proposal.ruling
    facts = await gather(work.db, item, _spot(case), work.now)
    if ruling.lead_unit not in facts.units:
        raise Conflict(f"unit {ruling.lead_unit} is not registered any more; decline the proposal")
    ruled = item.model_copy(update={"rulings": with_ruling(item.rulings, ruling)})
    version = await new_version(
        work.by(actor.name),
        [ruled],
        source=f"joint study {ruling.case_no}",
        reason=f"{ruling.lead_unit}: {ruling.basis}",
    )
    accepted = _decided(work, proposal, ProposalState.ACCEPTED, actor, version=version)
    await store.save_decision(work.db, accepted)
    data: dict[str, JsonValue] = {"proposal_id": proposal_id, "version": version}
    await note(work.by(actor.name), case, CaseEntryKind.PROPOSAL_ACCEPTED, data)
    log.info("ruling_accepted", case_no=case.case_no, version=version)
    return accepted


async def decline(work: UnitOfWork, proposal_id: int, actor: Actor, reason: str) -> Proposal:
    """Leave the catalogue as it is. Raises NotFound, Forbidden, Conflict if it is decided already."""
    if not reason.strip():
        raise InvalidInput("say why: `reason` is empty", field="reason")
    proposal = await _waiting(work, proposal_id, actor)
    case = await case_by_id(work.db, proposal.case_id)
    declined = _decided(work, proposal, ProposalState.DECLINED, actor, reason=reason.strip())
    await store.save_decision(work.db, declined)
    data: dict[str, JsonValue] = {"proposal_id": proposal_id, "text": reason.strip()}
    await note(work.by(actor.name), case, CaseEntryKind.PROPOSAL_DECLINED, data)
    return declined


async def newest_item(work: UnitOfWork, item_key: str) -> CatalogueItem:
    """The item in the newest version. Raises NotFound."""
    version = await catalogue.current_version(work.db)
    return await catalogue.item(work.db, version, item_key)


async def _waiting(work: UnitOfWork, proposal_id: int, actor: Actor) -> Proposal:
    if actor.role not in MAY_DECIDE:
        raise Forbidden("a supervisor or an administrator decides about the catalogue")
    proposal = await store.lock_proposal(work.db, proposal_id)
    if proposal.state is not ProposalState.PROPOSED:
        raise Conflict(f"proposal {proposal_id} was {proposal.state} already", state=proposal.state)
    return proposal


def _decided(
    work: UnitOfWork,
    proposal: Proposal,
    state: ProposalState,
    actor: Actor,
    *,
    reason: str | None = None,
    version: int | None = None,
) -> Proposal:
    said = {"decided_at": work.now, "decided_by": actor.name, "reason": reason, "version": version}
    return replace(proposal, state=state, **said)  # type: ignore[arg-type]


def _must_route_itself(
    case: Case,
    item: CatalogueItem,
    ruling: Ruling,
    facts: RoutingFacts,
    asked: RoutingQuestion,
) -> None:
    if not list(matching([ruling], asked)):
        raise InvalidInput(
            "the ruling would not answer the question of its own case: another condition, kind of"
            f" asset, territory or place; this case is about {_asked(case, asked.asset_type)}",
            field="scope",
        )
    taught = item.model_copy(update={"rulings": with_ruling(item.rulings, ruling)})
    routing = _routed(case, taught, facts)
    if routing.lead_unit != ruling.lead_unit:
        raise InvalidInput(
            f"with this ruling the catalogue would still name {routing.lead_unit or 'nobody'}:"
            f" {'; '.join(reason.text_en for reason in routing.why)}. Let the ruling beat the register"
            " (`over_register`), or choose another scope",
            field="over_register",
        )


def _routed(case: Case, item: CatalogueItem, facts: RoutingFacts) -> Routing:
    return decide(item, _spot(case), facts, case.asset_id, case.cond_key)


def _spot(case: Case) -> Spot:
    return Spot(case.lon, case.lat, case.error_m)


def _asked(case: Case, asset_type: str | None) -> str:
    kind = f", an asset of type {asset_type}" if asset_type else ", no clear kind of asset"
    return f"condition {case.cond_key}{kind} at {case.lon:.6f}, {case.lat:.6f}"
