"""Answer in a joint study, rule, and teach the catalogue."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Handler, Observer, Operator, signed_in
from hub.accounts.account import Account
from hub.accounts.sight import sees_case
from hub.cases import Actor, Case
from hub.cases.store import case_by_id
from hub.catalogue.ruling import RulingScope
from hub.db import Connection
from hub.errors import NotFound
from hub.http.requests import Db, Now, Work
from hub.studies import commands
from hub.studies.reading import list_proposals, list_studies, study_of
from hub.studies.study import ProposalState, StudyPosition
from hub.studies.views import ProposalList, ProposalView, StudyList, StudyView
from wire.limits import MAX_INTEGER
from wire.messages.base import Text

router = APIRouter(prefix="/api", tags=["studies"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
ProposalId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
UnitKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
Said = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Decider: TypeAlias = Annotated[Account, signed_in(*commands.MAY_DECIDE)]
"""An account that decides what the catalogue learns."""


class StudyAnswer(BaseModel):
    """What an invited unit says; an operator who takes it by telephone names the unit."""

    position: StudyPosition
    text: Text
    unit_key: UnitKey | None = None


class RulingProposal(BaseModel):
    """For which question the ruling shall hold from now on.

    Without `scope`, it is the one of the case: its condition, and its kind of asset or else its place.
    """

    scope: RulingScope | None = None
    over_register: bool | None = None


class NewRuling(BaseModel):
    """The end of a study; `version` is that of the case as it was seen."""

    version: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    lead_unit: UnitKey
    assist_units: Annotated[tuple[UnitKey, ...], Field(max_length=20)] = ()
    minutes: Text
    basis: Said
    proposal: RulingProposal | None = None


class Declining(BaseModel):
    reason: Said


@router.get("/studies")
async def studies(
    db: Db, account: Anyone, running: bool | None = None, limit: Limit = 100
) -> StudyList:
    """Joint studies that the account may see: those that run, the next to be due first, then the ended."""
    return StudyList(items=await list_studies(db, account, running=running, limit=limit))


@router.get("/cases/{case_id}/study")
async def study(db: Db, account: Anyone, now: Now, case_id: CaseId) -> StudyView:
    """The joint study of a case; before there is one, who might be invited."""
    return await study_of(db, account, await _seen(db, account, case_id), now)


@router.post(
    "/cases/{case_id}/study/answers",
    status_code=201,
    responses={409: {"description": "The study has ended"}},
)
async def answer_study(
    work: Work, account: Handler, case_id: CaseId, body: StudyAnswer
) -> StudyView:
    """Answer for a unit that is invited. It may answer again; all answers are kept."""
    await _seen(work.db, account, case_id)
    case = await commands.answer(
        work, case_id, Actor.of(account), body.position, body.text, body.unit_key
    )
    await work.commit()
    return await study_of(work.db, account, case, work.now)


@router.post(
    "/cases/{case_id}/study/ruling",
    responses={409: {"description": "The case has changed, or is not in a study"}},
)
async def rule_study(work: Work, account: Operator, case_id: CaseId, body: NewRuling) -> StudyView:
    """End the study: the case is routed as ruled, and the ruling may be proposed to the catalogue."""
    await _seen(work.db, account, case_id)
    actor = Actor.of(account)
    case, ruling = await commands.rule(
        work,
        case_id,
        actor,
        version=body.version,
        lead_unit=body.lead_unit,
        assist_units=body.assist_units,
        minutes=body.minutes,
        basis=body.basis,
    )
    if body.proposal is not None:
        said = body.proposal
        await commands.propose(
            work, case, actor, ruling=ruling, scope=said.scope, over_register=said.over_register
        )
    await work.commit()
    return await study_of(work.db, account, case, work.now)


@router.post(
    "/cases/{case_id}/study/proposal",
    status_code=201,
    responses={409: {"description": "There is no ruling, or a proposal waits already"}},
)
async def propose_ruling(
    work: Work, account: Operator, case_id: CaseId, body: RulingProposal
) -> StudyView:
    """Propose the ruling of a case to the catalogue afterwards."""
    case = await _seen(work.db, account, case_id)
    await commands.propose(
        work, case, Actor.of(account), scope=body.scope, over_register=body.over_register
    )
    await work.commit()
    return await study_of(work.db, account, case, work.now)


@router.get("/proposals")
async def proposals(
    db: Db, _account: Observer, state: ProposalState | None = None, limit: Limit = 100
) -> ProposalList:
    """Rulings for the catalogue, those that wait first."""
    return ProposalList(items=await list_proposals(db, state=state, limit=limit))


@router.post(
    "/proposals/{proposal_id}/accept",
    responses={409: {"description": "It was decided already, or its unit is gone"}},
)
async def accept_proposal(work: Work, account: Decider, proposal_id: ProposalId) -> ProposalView:
    """Take the ruling into a new version of the catalogue: the same question routes itself from now on."""
    proposal = await commands.accept(work, proposal_id, Actor.of(account))
    await work.commit()
    return await _view(work.db, proposal.case_id, proposal_id)


@router.post(
    "/proposals/{proposal_id}/decline",
    responses={409: {"description": "It was decided already"}},
)
async def decline_proposal(
    work: Work, account: Decider, proposal_id: ProposalId, body: Declining
) -> ProposalView:
    """Leave the catalogue as it is, with a reason."""
    proposal = await commands.decline(work, proposal_id, Actor.of(account), body.reason)
    await work.commit()
    return await _view(work.db, proposal.case_id, proposal_id)


async def _seen(db: Connection, account: Account, case_id: int) -> Case:
    """A case whose study the account may see. Raises NotFound."""
    if not await sees_case(db, account, case_id):
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return await case_by_id(db, case_id)


async def _view(db: Connection, case_id: int, proposal_id: int) -> ProposalView:
    found = await list_proposals(db, case_id=case_id)
    return next(each for each in found if each.proposal_id == proposal_id)
