"""Work on a case besides its transitions: requests for approval, its owner, and notes."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from hub.accounts.access import Handler
from hub.approvals import commands as approvals
from hub.casefile.page import case_detail, visible_case
from hub.casefile.views import CaseDetail
from hub.cases import Actor
from hub.cases.owning import add_note, claim, release
from hub.cases.requests import ApprovalKind
from hub.errors import NotFound
from hub.http.requests import Work
from wire.limits import MAX_INTEGER
from wire.messages.base import Instant, Text

router = APIRouter(prefix="/api/cases/{case_id}", tags=["cases"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
ApprovalId = Annotated[str, Path(pattern=r"^\d{1,18}-\d{1,9}$")]
Version = Annotated[int, Field(ge=1, le=MAX_INTEGER)]


class NewApproval(BaseModel):
    """`until` is the end of a suspension; `version` is that of the case as it was seen."""

    kind: ApprovalKind
    reason: Annotated[Text, Field(min_length=1)]
    until: Instant | None = None
    version: Version | None = None


class ApprovalGrant(BaseModel):
    """`until` ends the suspension at another time than was asked for."""

    reason: Text | None = None
    until: Instant | None = None


class ApprovalRefusal(BaseModel):
    reason: Annotated[Text, Field(min_length=1)]


class ApprovalWithdrawal(BaseModel):
    reason: Text | None = None


class CaseClaim(BaseModel):
    """`take_over`: also from somebody else."""

    take_over: bool = False


class CaseNote(BaseModel):
    text: Annotated[Text, Field(min_length=1)]


@router.post("/approvals", status_code=201)
async def ask_for_approval(
    work: Work, account: Handler, case_id: CaseId, body: NewApproval
) -> CaseDetail:
    """Ask for an extension, a suspension, an appeal, or (a case of high severity) to void it."""
    await visible_case(work.db, account, case_id)
    case = await approvals.ask(
        work,
        case_id,
        body.kind,
        Actor.of(account),
        reason=body.reason,
        until=body.until,
        version=body.version,
    )
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/approvals/{approval_id}/grant")
async def grant_approval(
    work: Work, account: Handler, case_id: CaseId, approval_id: ApprovalId, body: ApprovalGrant
) -> CaseDetail:
    """Grant a request of somebody else: the case takes the step."""
    await _visible(work, account, case_id, approval_id)
    case = await approvals.grant(
        work, approval_id, Actor.of(account), reason=body.reason, until=body.until
    )
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/approvals/{approval_id}/refuse")
async def refuse_approval(
    work: Work, account: Handler, case_id: CaseId, approval_id: ApprovalId, body: ApprovalRefusal
) -> CaseDetail:
    """Refuse a request of somebody else."""
    await _visible(work, account, case_id, approval_id)
    case = await approvals.refuse(work, approval_id, Actor.of(account), reason=body.reason)
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/approvals/{approval_id}/withdraw")
async def withdraw_approval(
    work: Work, account: Handler, case_id: CaseId, approval_id: ApprovalId, body: ApprovalWithdrawal
) -> CaseDetail:
    """Take back a request of one's own."""
    await _visible(work, account, case_id, approval_id)
    case = await approvals.withdraw(work, approval_id, Actor.of(account), reason=body.reason)
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/claim")
async def claim_case(work: Work, account: Handler, case_id: CaseId, body: CaseClaim) -> CaseDetail:
    """Become the owner of the case: "I have it"."""
    await visible_case(work.db, account, case_id)
    case = await claim(work, case_id, Actor.of(account), take_over=body.take_over)
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/release")
async def release_case(work: Work, account: Handler, case_id: CaseId) -> CaseDetail:
    """Give the case back, so that somebody else may take it."""
    await visible_case(work.db, account, case_id)
    case = await release(work, case_id, Actor.of(account))
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post("/notes", status_code=201)
async def note_case(work: Work, account: Handler, case_id: CaseId, body: CaseNote) -> CaseDetail:
    """Add a note; anybody who sees the case may."""
    await visible_case(work.db, account, case_id)
    case = await add_note(work, case_id, Actor.of(account), body.text)
    await work.commit()
    return await case_detail(work.db, account, case)


async def _visible(work: Work, account: Handler, case_id: int, approval_id: str) -> None:
    """Raises NotFound for a case that the account doesn't see, and a request of another case."""
    await visible_case(work.db, account, case_id)
    if approval_id.partition("-")[0] != str(case_id):
        raise NotFound(f"case {case_id} has no request {approval_id}", approval_id=approval_id)
