"""/api/indicators/publications and /api/indicators/scores: figures that are frozen, and scores."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Observer, Supervisor
from hub.accounts.account import Account
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.errors import Forbidden
from hub.http.requests import Db, HubSettings, Now, Work
from hub.indicators import publishing, score_exports, scoring, store
from hub.indicators.api import IndicatorsQuery
from hub.indicators.case_sets import CaseSet, Grouping, unit_tree
from hub.indicators.definitions import Count, SatisfactionBase
from hub.indicators.exports import Language
from hub.indicators.figure_views import PeriodView
from hub.indicators.periods import read_period
from hub.indicators.publication_views import (
    PublicationDetail,
    PublicationList,
    PublicationView,
)
from hub.indicators.questions import IndicatorQuestion
from hub.indicators.score_views import (
    ScoredPart,
    ScoredView,
    ScoreSheetList,
    ScoreSheetView,
    ScoresView,
    SheetImported,
)
from hub.indicators.scores import ScoreSheet
from hub.indicators.views import CountedPage, CountedView
from hub.tables import TableFormat, table_download
from wire.limits import MAX_INTEGER
from wire.messages.base import Text

router = APIRouter(prefix="/api/indicators", tags=["indicators"])


PublicationId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
SheetKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class NewPublication(BaseModel):
    """The period to publish, and a note for its readers."""

    period: Annotated[str, Field(max_length=32)]
    note: Text = ""


class NewScoreSheet(BaseModel):
    """A new version of a sheet, and why it changes."""

    sheet: ScoreSheet
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class SheetFile(BaseModel):
    """A score sheet as YAML text, and why it changes; a dry run needs no reason."""

    text: Annotated[str, Field(min_length=1, max_length=100_000, pattern=r"^[^\x00]*$")]
    reason: Text = ""
    dry_run: bool = False


class PublishedQuery(BaseModel):
    count: Count
    unit: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class ScoresQuery(IndicatorsQuery):
    sheet: SheetKey = "handling"
    version: Annotated[int | None, Field(ge=1, le=100_000)] = None


class ScoresExport(ScoresQuery):
    """With `part` the table has one kind of posts only, and a total row."""

    part: Grouping | None = None
    format: TableFormat = TableFormat.XLSX
    language: Language = "zh"


@router.get("/publications")
async def publications(
    db: Db,
    account: Observer,
    settings: HubSettings,
    period: Annotated[str | None, Query(max_length=32)] = None,
) -> PublicationList:
    """The published versions of all periods or of one, the newest first."""
    _sees_the_district(account)
    base = SatisfactionBase(settings.satisfaction_of)
    found = await publishing.publications(db, period)
    return PublicationList(items=[PublicationView.of(each, base) for each in found])


@router.post(
    "/publications",
    status_code=201,
    responses={409: {"description": "It was published, and nothing has changed since"}},
)
async def publish(
    work: Work, account: Supervisor, settings: HubSettings, body: NewPublication
) -> PublicationDetail:
    """Freeze the figures of a period. What changes later can be published as a new version."""
    _sees_the_district(account)
    base = SatisfactionBase(settings.satisfaction_of)
    asked = IndicatorQuestion(read_period(body.period, work.now), CaseSet(), work.now, base)
    found = await publishing.publish(work.by(account.actor), asked, body.note)
    tree = await unit_tree(work.db)
    return PublicationDetail.of_tree(found, base, tree)


@router.get("/publications/{publication_id}")
async def publication(
    db: Db, account: Observer, settings: HubSettings, publication_id: PublicationId
) -> PublicationDetail:
    """A published version with its units, and what it changed of the version before."""
    _sees_the_district(account)
    found = await publishing.publication(db, publication_id)
    base = SatisfactionBase(settings.satisfaction_of)
    return PublicationDetail.of_tree(found, base, await unit_tree(db))


@router.get("/publications/{publication_id}/cases")
async def published_cases(
    db: Db,
    account: Observer,
    publication_id: PublicationId,
    asked: Annotated[PublishedQuery, Query()],
) -> CountedPage:
    """The cases behind a published number, as they were then."""
    _sees_the_district(account)
    found = await publishing.publication(db, publication_id)
    rows = await publishing.published_rows(
        db, publication_id, asked.count, asked.unit, limit=asked.limit, offset=asked.offset
    )
    tree = await unit_tree(db)
    titles = await store.titles(db, {row.item_key for row in rows})
    number = found.number_of(asked.count, asked.unit)
    seen = asked.offset + len(rows)
    return CountedPage(
        count=asked.count,
        number=number,
        rows=[CountedView.of(row, tree, titles) for row in rows],
        next_offset=seen if rows and seen < number else None,
    )


@router.get("/sheets")
async def score_sheets(db: Db, _account: Anyone) -> ScoreSheetList:
    """The score sheets in force."""
    return ScoreSheetList(items=[ScoreSheetView.of(each) for each in await scoring.sheets(db)])


@router.get("/sheets/{sheet_key}")
async def score_sheet_versions(
    db: Db, _account: Anyone, sheet_key: Annotated[SheetKey, Path()]
) -> ScoreSheetList:
    """All versions of a score sheet, the newest first."""
    found = await scoring.sheet_versions(db, sheet_key)
    return ScoreSheetList(items=[ScoreSheetView.of(each) for each in found])


@router.post("/sheets", status_code=201)
async def change_score_sheet(
    work: Work, account: Supervisor, body: NewScoreSheet
) -> ScoreSheetView:
    """Make a new version of a score sheet, or a new one; the versions before stay."""
    found = await scoring.change_sheet(work.by(account.actor), body.sheet, body.reason)
    return ScoreSheetView.of(found)


@router.post("/sheets/import")
async def import_score_sheet(work: Work, account: Supervisor, body: SheetFile) -> SheetImported:
    """Import a sheet as YAML as a new version; a dry run tells what it would change."""
    report = await scoring.import_sheet(
        work.by(account.actor), body.text, body.reason, dry_run=body.dry_run
    )
    return SheetImported.of(report)


@router.get("/scores")
async def scores(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[ScoresQuery, Query()],
) -> ScoresView:
    """The scores and grades of a period by a sheet."""
    question = await asked.question(db, account, now, settings)
    found = await scoring.sheet_version(db, asked.sheet, asked.version)
    return ScoresView(
        period=PeriodView.of(question.period),
        sheet_key=asked.sheet,
        version=found.version,
        parts=[
            ScoredPart(
                part=part,
                rows=[ScoredView.of(row) for row in await scoring.scored(db, question, part)],
            )
            for part in found.sheet.parts
        ],
    )


@router.get(
    "/scores/export", response_class=StreamingResponse, dependencies=[audited(ReadKind.EXPORT)]
)
async def export_scores(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[ScoresExport, Query()],
) -> StreamingResponse:
    """The scores of a period as CSV or XLSX, with the counts that they follow from."""
    question = await asked.question(db, account, now, settings)
    found = await scoring.sheet_version(db, asked.sheet, asked.version)
    table = await score_exports.scores_table(
        db, question, found.sheet.only(asked.part), asked.language
    )
    return await table_download(table, asked.format, f"scores-{question.period.key}-{asked.sheet}")


def _sees_the_district(account: Account) -> None:
    if account.scope.units is not None:
        raise Forbidden(
            "publications are of the whole district, and your account sees a part of it"
        )
