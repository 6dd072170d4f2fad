"""Take signals out of a case."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from hub.accounts.access import Operator
from hub.cases.actor import Actor
from hub.http.requests import Work
from hub.signals.commands import CaseSplit, split_case
from wire.limits import MAX_INTEGER
from wire.messages.base import Slug

router = APIRouter(prefix="/api/cases", tags=["cases"])

Id = Annotated[int, Field(ge=1, le=MAX_INTEGER)]


class Splitting(BaseModel):
    """The signals to take out, into a case of their own or back to waiting; `version` is that of the case.

    `item_key` and `cond_key` are those of the new case; left out, they are those of the signals.
    """

    signal_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]
    to_new_case: bool = True
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
    item_key: Slug | None = None
    cond_key: Slug | None = None
    version: Id | None = None


class SplitView(BaseModel):
    """The new case; null if the signals wait again."""

    case_id: int
    signal_ids: list[int]
    new_case_id: int | None
    new_case_no: str | None


@router.post(
    "/{case_id}/split",
    responses={
        409: {"description": "The case has changed or ended, or would be left without a signal"}
    },
)
async def split_signals(
    work: Work,
    account: Operator,
    case_id: Annotated[int, Path(ge=1, le=MAX_INTEGER)],
    body: Splitting,
) -> SplitView:
    """Take signals out of a case that they don't belong to; they don't join it again by themselves."""
    split = CaseSplit(case_id=case_id, **body.model_dump())
    new = await split_case(work, split, Actor.of(account))
    await work.commit()
    return SplitView(
        case_id=case_id,
        signal_ids=sorted(body.signal_ids),
        new_case_id=None if new is None else new.case_id,
        new_case_no=None if new is None else new.case_no,
    )
