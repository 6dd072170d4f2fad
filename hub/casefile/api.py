"""List cases, read one, file one by hand, and move it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Handler, Operator
from hub.accounts.sight import require_place, require_sight
from hub.casefile.asking import CaseQuery, UnitKey
from hub.casefile.filing import HandReport, add_report, file_by_hand
from hub.casefile.page import case_detail, case_journal, visible_case
from hub.casefile.views import CaseDetail, CaseJournalView
from hub.cases import Actor, Event
from hub.cases.case import Satisfaction
from hub.cases.commands import transition
from hub.cases.listing import list_cases
from hub.cases.views import CaseList
from hub.geo.place import Spot
from hub.http.requests import Db, Work
from hub.signals.commands import settle_doubts
from hub.signals.reporters import Reporter
from hub.signals.signal import SourceKind
from wire.limits import MAX_INTEGER
from wire.messages.base import Instant, Lat, Lon, Metres, Sha256, Slug, Text

router = APIRouter(prefix="/api/cases", tags=["cases"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
Photos = Annotated[tuple[Sha256, ...], Field(max_length=20)]
Units = Annotated[tuple[UnitKey, ...], Field(max_length=20)]


class FilingPlace(BaseModel):
    lon: Lon
    lat: Lat
    error_m: Metres = 10.0


class FilingReporter(BaseModel):
    """Who reported it. The contact is kept apart from the case, and shown masked."""

    name: Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")] = None
    contact: Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")] = None
    wants_callback: bool = False


class Filing(BaseModel):
    """An issue that was reported to an operator; its photos were sent to /api/evidence before.

    If it was closed within a week at this place, its case is reopened; without `reopen`, a new one links to
    it instead.
    """

    item_key: Slug
    cond_key: Slug
    place: FilingPlace
    text: Text = ""
    evidence: Photos = ()
    asset_id: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]+$")] = None
    source: Literal["operator", "hotline", "app"] = "operator"
    reporter: FilingReporter | None = None
    reopen: bool = True

    def report(self) -> HandReport:
        said = self.reporter
        return HandReport(
            item_key=self.item_key,
            cond_key=self.cond_key,
            spot=Spot(self.place.lon, self.place.lat, self.place.error_m),
            text=self.text,
            photos=self.evidence,
            asset_id=self.asset_id,
            source=SourceKind(self.source),
            reporter=None if said is None else Reporter(**said.model_dump()),
            reopen=self.reopen,
        )


class CaseStep(BaseModel):
    """An event with its input; `version` is that of the case as it was seen.

    `units` are invited to a joint study or assist; `until` ends a suspension; `into` is the case to
    merge into; `cond_key` is the graver condition; `satisfaction` is what a person who was called back
    says; `condition_met`: the unit says that the closing condition, or that of the running step, is met.
    """

    event: Event
    version: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    reason: Text | None = None
    person: Text | None = None
    plan: Text | None = None
    text: Text | None = None
    evidence: Photos = ()
    unit_key: UnitKey | None = None
    units: Units = ()
    until: Instant | None = None
    into: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    cond_key: Slug | None = None
    satisfaction: Satisfaction | None = None
    condition_met: bool | None = None
    step_key: Slug | None = None


@router.get("")
async def cases(db: Db, account: Anyone, wanted: Annotated[CaseQuery, Query()]) -> CaseList:
    """Cases that the account may see: a page of those that match, in the order that is asked for."""
    return await list_cases(db, wanted.filter(account.scope), wanted.order())


@router.post("", status_code=201, responses={409: {"description": "The issue has an open case"}})
async def file_case(work: Work, account: Operator, body: Filing) -> CaseDetail:
    """File an issue by hand; it is routed at once if it is clear which unit is responsible."""
    await require_place(work.db, account, body.place.lon, body.place.lat)
    case = await file_by_hand(work, account, body.report())
    await work.commit()
    return await case_detail(work.db, account, case)


@router.post(
    "/{case_id}/reports", status_code=201, responses={409: {"description": "The case has ended"}}
)
async def add_to_case(work: Work, account: Operator, case_id: CaseId, body: Filing) -> CaseDetail:
    """Add a report to the open case of the same issue, instead of filing another."""
    await visible_case(work.db, account, case_id)
    await require_place(work.db, account, body.place.lon, body.place.lat)
    case = await add_report(work, account, case_id, body.report())
    await work.commit()
    return await case_detail(work.db, account, case)


@router.get("/{case_id}")
async def case(db: Db, account: Anyone, case_id: CaseId) -> CaseDetail:
    """Everything that belongs to a case."""
    return await case_detail(db, account, await visible_case(db, account, case_id))


@router.post(
    "/{case_id}/transitions",
    responses={409: {"description": "The case has changed, or cannot take this step"}},
)
async def move_case(work: Work, account: Handler, case_id: CaseId, step: CaseStep) -> CaseDetail:
    """Move the case by an event; `allowed` in its detail lists the possible ones."""
    await visible_case(work.db, account, case_id)
    await require_sight(work.db, account, {"case_id": step.into})
    said = step.model_dump(exclude={"event", "version"})
    moved = await transition(
        work, case_id, step.event, actor=Actor.of(account), version=step.version, **said
    )
    await work.commit()
    return await case_detail(work.db, account, moved)


@router.post("/{case_id}/photo-check")
async def check_photos(work: Work, account: Operator, case_id: CaseId) -> CaseDetail:
    """Note that a person has compared the case's reports with their photos; it is no longer doubted."""
    await settle_doubts(work, case_id, Actor.of(account))
    await work.commit()
    case = await visible_case(work.db, account, case_id)
    return await case_detail(work.db, account, case)


@router.get("/{case_id}/journal")
async def journal_of_case(db: Db, account: Anyone, case_id: CaseId) -> CaseJournalView:
    """The journal of a case, whether its hash chain holds, and whether it leads to the present state."""
    return await case_journal(db, account, case_id)
