"""The inbox of approvals."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone
from hub.approvals.reading import waiting_approvals
from hub.approvals.views import ApprovalList
from hub.cases.requests import ApprovalKind
from hub.http.requests import Db, Now

router = APIRouter(prefix="/api/approvals", tags=["approvals"])


class ApprovalQuery(BaseModel):
    """Without a `kind`, all of them."""

    kind: list[ApprovalKind] = []
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
async def approvals(
    db: Db, account: Anyone, now: Now, wanted: Annotated[ApprovalQuery, Query()]
) -> ApprovalList:
    """What waits for a decision in the cases that the account may see, the oldest first."""
    return await waiting_approvals(db, account, now, kinds=wanted.kind, limit=wanted.limit)
