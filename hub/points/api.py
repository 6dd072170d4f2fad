"""Points of grid workers: standings, ledgers, periods, rules, and what looks like gaming."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.accounts.access import with_right
from hub.accounts.account import Account
from hub.accounts.role import Right
from hub.accounts.scope import Scope
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.db import Connection
from hub.http.requests import Db, Now, Work
from hub.people.worker import WorkerId
from hub.points import commands, exports, reading
from hub.points.commands import ReviewVerdict
from hub.points.exports import Language
from hub.points.keeping import keep_points_fully
from hub.points.rules import PointsRules
from hub.points.views import (
    FindingList,
    LedgerPage,
    PointsEntryView,
    PointsPeriodList,
    PointsPeriodView,
    RulesList,
    StandingPage,
)
from hub.tables import TableFormat, table_download
from wire.messages.base import Day

router = APIRouter(prefix="/api/points", tags=["points"])

Auditing: TypeAlias = Annotated[Account, with_right(Right.SUPERVISE, Right.ADMINISTER)]
"""An account that sees what people earn."""
Paymaster: TypeAlias = Annotated[Account, with_right(Right.SUPERVISE)]
"""An account that closes and pays periods, and makes the rules."""
Month = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$")]
MonthPath = Annotated[str, Path(pattern=r"^\d{4}-\d{2}$")]
Note = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=500)]
_ALL = 100_000


class PeriodNote(BaseModel):
    """A remark for the books."""

    note: Note = ""


class NewRules(BaseModel):
    """Rules from a local day on, and why they change."""

    rules: PointsRules
    effective_from: Day
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class FindingReview(BaseModel):
    """What a person found in something that looked like gaming."""

    key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    verdict: ReviewVerdict
    note: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


@router.get("")
async def points_standings(
    db: Db,
    account: Auditing,
    now: Now,
    period: Month = None,
    q: Annotated[str | None, Query(max_length=60, pattern=r"^[^\x00]*$")] = None,
    limit: Limit = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> StandingPage:
    """Grid workers by their points of a month, the present one if none is named."""
    await keep_points_fully(db)
    month = reading.read_month(period, now)
    return await reading.standings(db, month, scope=account.scope, q=q, limit=limit, offset=offset)


@router.get("/export", response_class=StreamingResponse, dependencies=[audited(ReadKind.EXPORT)])
async def export_standings(
    db: Db,
    account: Auditing,
    now: Now,
    period: Month = None,
    format: TableFormat = TableFormat.XLSX,  # noqa: A002
    language: Language = "zh",
) -> StreamingResponse:
    """The points of a month as a table with a total row."""
    await keep_points_fully(db)
    month = reading.read_month(period, now)
    found = await reading.standings(db, month, scope=account.scope, limit=_ALL)
    table = exports.standings_table(month, found.items, language)
    return await table_download(table, format, f"points-{month}")


@router.get("/workers/{worker_id}")
async def points_ledger(
    db: Db,
    account: Auditing,
    worker_id: WorkerId,
    period: Month = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Limit = 100,
) -> LedgerPage:
    """The ledger of a worker, the newest entry first, each with the balance before and after."""
    await keep_points_fully(db)
    return await reading.ledger_of(
        db, worker_id, scope=account.scope, period=period, before=before, limit=limit
    )


@router.get(
    "/workers/{worker_id}/export",
    response_class=StreamingResponse,
    dependencies=[audited(ReadKind.EXPORT)],
)
async def export_ledger(
    db: Db,
    account: Auditing,
    worker_id: WorkerId,
    period: Month = None,
    format: TableFormat = TableFormat.XLSX,  # noqa: A002
    language: Language = "zh",
) -> StreamingResponse:
    """The ledger of a worker as a table."""
    await keep_points_fully(db)
    entries = await _all_entries(db, account.scope, worker_id, period)
    table = exports.ledger_table(worker_id, entries, language)
    return await table_download(table, format, f"points-{worker_id}")


@router.get("/periods")
async def points_periods(db: Db, _account: Auditing, now: Now) -> PointsPeriodList:
    """The months with points, the newest first."""
    await keep_points_fully(db)
    return PointsPeriodList(items=await reading.periods(db, now))


@router.post(
    "/periods/{period}/close",
    responses={409: {"description": "It is closed already, or an earlier one is open"}},
)
async def close_points_period(
    work: Work, account: Paymaster, period: MonthPath, body: PeriodNote
) -> PointsPeriodView:
    """Close a month that is over; later corrections come in the next one."""
    await commands.close_period(work.by(account.actor), period, body.note)
    await work.commit()
    return await _period(work.db, work.now, period)


@router.post(
    "/periods/{period}/pay",
    responses={409: {"description": "It is paid already, or an earlier one is not"}},
)
async def pay_points_period(
    work: Work, account: Paymaster, period: MonthPath, body: PeriodNote
) -> PointsPeriodView:
    """Note that a closed month was paid: each worker's ledger gets an entry for it."""
    await commands.pay_period(work.by(account.actor), period, body.note)
    await work.commit()
    return await _period(work.db, work.now, period)


@router.get("/rules")
async def points_rules(db: Db, _account: Auditing, now: Now) -> RulesList:
    """All versions of the rules, the newest first."""
    return RulesList(items=await reading.rules_list(db, now))


@router.post("/rules", status_code=201)
async def change_points_rules(work: Work, account: Paymaster, body: NewRules) -> RulesList:
    """Make a version of the rules that holds from a day after today on."""
    await commands.change_rules(
        work.by(account.actor), body.rules, body.effective_from, body.reason
    )
    await work.commit()
    return RulesList(items=await reading.rules_list(work.db, work.now))


@router.get("/findings")
async def points_findings(db: Db, account: Auditing, now: Now, period: Month = None) -> FindingList:
    """What looks like gaming in the reports of a month, for a person to look at."""
    month = reading.read_month(period, now)
    return FindingList(items=await reading.findings_of(db, month, account.scope))


@router.post("/findings/review", status_code=204)
async def review_points_finding(work: Work, account: Paymaster, body: FindingReview) -> None:
    """Note what a person found; no points change by it."""
    await commands.review_finding(work.by(account.actor), body.key, body.verdict, body.note)


async def _period(db: Connection, now: Now, period: str) -> PointsPeriodView:
    found = await reading.periods(db, now)
    return next(each for each in found if each.period == period)


async def _all_entries(
    db: Connection, scope: Scope, worker_id: str, period: str | None
) -> list[PointsEntryView]:
    page = await reading.ledger_of(db, worker_id, scope=scope, period=period, limit=_ALL)
    return page.items
