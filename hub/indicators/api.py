"""GET /api/indicators: figures, comparisons, trends, rankings, the cases behind each number."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone
from hub.accounts.account import Account
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.db import Connection
from hub.http.requests import Db, HubSettings, Now
from hub.indicators import exports, reports
from hub.indicators.case_sets import CaseSet, Grouping
from hub.indicators.definitions import Count, SatisfactionBase
from hub.indicators.exports import Language
from hub.indicators.periods import read_period
from hub.indicators.questions import IndicatorQuestion, check_known
from hub.indicators.views import (
    CountedPage,
    IndicatorNames,
    IndicatorsView,
    RankingView,
    TrendView,
    names,
)
from hub.settings import Settings
from hub.tables import TableFormat, table_download

router = APIRouter(prefix="/api/indicators", tags=["indicators"])

_Who = Annotated[str, Field(pattern=r"^(-|[A-Za-z0-9][A-Za-z0-9_.:@-]{0,99})$")]
_Key = Annotated[str, Field(pattern=r"^(-|[A-Za-z0-9][A-Za-z0-9_.-]{0,63})$")]


class IndicatorsQuery(BaseModel):
    """`period`: 2025-08-07, 2025-W32, 2025-08, 2025, 2025-08-01..2025-08-07, day, week, month, year, all.

    The cases of a unit, of a territory with all below it, of an item, a source, a severity, of the device
    that reported first, of the person (`user:NAME`) who filed, routed or accepted, in any combination;
    "-" asks for those that have none.
    """

    period: Annotated[str, Field(max_length=32)] = "month"
    unit: _Key | None = None
    territory: _Key | None = None
    item: _Key | None = None
    source: _Key | None = None
    severity: _Key | None = None
    reporter: _Who | None = None
    receiver: _Who | None = None
    dispatcher: _Who | None = None
    shift_lead: _Who | None = None

    async def question(
        self, db: Connection, account: Account, now: datetime, settings: Settings
    ) -> IndicatorQuestion:
        """Raises InvalidInput for a period that can't be read, and for what doesn't exist."""
        period = read_period(self.period, now)
        of = CaseSet(
            unit=self.unit,
            territory=self.territory,
            item=self.item,
            source=self.source,
            severity=self.severity,
            reporter=self.reporter,
            receiver=self.receiver,
            dispatcher=self.dispatcher,
            shift_lead=self.shift_lead,
            scope=account.scope,
        )
        await check_known(db, of)
        return IndicatorQuestion(period, of, now, SatisfactionBase(settings.satisfaction_of))


class RankingQuery(IndicatorsQuery):
    by: Grouping = Grouping.UNIT


class RankingExport(RankingQuery):
    format: TableFormat = TableFormat.XLSX
    language: Language = "zh"


class CountedQuery(IndicatorsQuery):
    count: Count
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class CountedExport(IndicatorsQuery):
    count: Count
    format: TableFormat = TableFormat.XLSX
    language: Language = "zh"


@router.get("")
async def indicators(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[IndicatorsQuery, Query()],
) -> IndicatorsView:
    """The figures of a period, compared with the period before and the same one of the year before."""
    return await reports.report(db, await asked.question(db, account, now, settings))


@router.get("/names")
async def indicator_names(_account: Anyone, settings: HubSettings) -> IndicatorNames:
    """The counts and rates that there are, in both languages, and what is divided by what."""
    return names(SatisfactionBase(settings.satisfaction_of))


@router.get("/trend")
async def indicators_trend(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[IndicatorsQuery, Query()],
) -> TrendView:
    """The figures of the parts of a period: the months of a year, the days of a week or month, …"""
    return await reports.trend(db, await asked.question(db, account, now, settings))


@router.get("/ranking")
async def indicators_ranking(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[RankingQuery, Query()],
) -> RankingView:
    """The figures set apart by unit, township, item, …, and their total."""
    return await reports.ranking(db, await asked.question(db, account, now, settings), asked.by)


@router.get(
    "/ranking/export", response_class=StreamingResponse, dependencies=[audited(ReadKind.EXPORT)]
)
async def export_ranking(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[RankingExport, Query()],
) -> StreamingResponse:
    """The ranking as CSV, or as XLSX with live formulas in the total row."""
    question = await asked.question(db, account, now, settings)
    table = await exports.ranking_table(db, question, asked.by, asked.language)
    return await table_download(table, asked.format, f"indicators-{question.period.key}-{asked.by}")


@router.get("/cases")
async def cases_behind(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[CountedQuery, Query()],
) -> CountedPage:
    """The cases behind a number."""
    question = await asked.question(db, account, now, settings)
    return await reports.cases_behind(
        db, question, asked.count, limit=asked.limit, offset=asked.offset
    )


@router.get(
    "/cases/export", response_class=StreamingResponse, dependencies=[audited(ReadKind.EXPORT)]
)
async def export_cases_behind(
    db: Db,
    account: Anyone,
    now: Now,
    settings: HubSettings,
    asked: Annotated[CountedExport, Query()],
) -> StreamingResponse:
    """The cases behind a number as CSV or XLSX."""
    question = await asked.question(db, account, now, settings)
    table = exports.cases_table(db, question, asked.count, asked.language)
    return await table_download(table, asked.format, f"{asked.count}-{question.period.key}")
