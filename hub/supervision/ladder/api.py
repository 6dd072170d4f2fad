"""The ladder: its steps, where the open cases stand on it, and what it told the units."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Observer, Supervisor
from hub.accounts.sight import sees_case
from hub.cases.store import case_by_id
from hub.errors import NotFound
from hub.http.requests import Db, Now, Work
from hub.supervision.ladder.importing import import_ladder, parse_ladder
from hub.supervision.ladder.ladder import LadderStep, StepKind
from hub.supervision.ladder.views import (
    CaseLadderView,
    LadderVersionList,
    LadderView,
    NoticeList,
    StandingList,
    case_ladder,
    ladder_versions,
    ladder_view,
    notices,
    standing_cases,
)
from wire.limits import MAX_INTEGER
from wire.messages.base import Text

router = APIRouter(prefix="/api/ladder", tags=["ladder"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]


class LadderFile(BaseModel):
    """A ladder as YAML text, as `python -m hub ladder import` reads it; a dry run needs no reason."""

    text: Annotated[str, Field(min_length=1, max_length=100_000, pattern=r"^[^\x00]*$")]
    reason: Text = ""
    dry_run: bool = False


class LadderStepChangeView(BaseModel):
    """A step as it was and as it will be; null where there is none."""

    step_key: str
    before: LadderStep | None
    after: LadderStep | None


class LadderChange(BaseModel):
    """What an import changes, by the keys of the steps. `version` is null if nothing was written."""

    version: int | None
    added: list[str]
    changed: list[str]
    removed: list[str]
    reordered: bool
    steps: list[LadderStepChangeView]


class StandingQuery(BaseModel):
    unit: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] | None = None
    overdue: bool | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


class NoticeQuery(BaseModel):
    """`kind`: what steps of one kind have told, such as the announcements of the weekly list."""

    kind: StepKind | None = None
    before: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("")
async def ladder(db: Db, _account: Anyone) -> LadderView:
    """The steps in force."""
    return await ladder_view(db)


@router.post("")
async def change_ladder(work: Work, account: Supervisor, file: LadderFile) -> LadderChange:
    """Put another ladder in force, as a new version; or only compare it with the present one."""
    report = await import_ladder(
        work.by(account.actor),
        parse_ladder(file.text),
        source="console",
        reason=file.reason,
        dry_run=file.dry_run,
    )
    return LadderChange.model_validate(report, from_attributes=True)


@router.get("/versions")
async def ladder_history(db: Db, _account: Anyone) -> LadderVersionList:
    """The ladders that a district imported, the newest first; before them came the one that is shipped."""
    return await ladder_versions(db)


@router.get("/cases")
async def ladder_cases(
    db: Db, account: Observer, wanted: Annotated[StandingQuery, Query()]
) -> StandingList:
    """Where the open cases stand, the one whose step comes next first."""
    return await standing_cases(db, account, **wanted.model_dump())


@router.get("/cases/{case_id}")
async def ladder_of_case(db: Db, account: Anyone, now: Now, case_id: CaseId) -> CaseLadderView:
    """What the ladder did in a case, and what comes next unless the case is done before."""
    if not await sees_case(db, account, case_id):
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return await case_ladder(db, await case_by_id(db, case_id), now)


@router.get("/notices")
async def ladder_notices(
    db: Db, account: Anyone, wanted: Annotated[NoticeQuery, Query()]
) -> NoticeList:
    """What the ladder told the account's units, the newest first."""
    return await notices(db, account, **wanted.model_dump())
