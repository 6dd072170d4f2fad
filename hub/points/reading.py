"""Read the ledger: standings, entries, periods, rules, findings."""

from datetime import date, datetime

from psycopg.rows import class_row, dict_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.clock import TIMEZONE, local_date
from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.points.gaming import GamingFinding, OwnRepair, PhotoMark, WorkerReportFacts, findings
from hub.points.keeping import SQL, rules_versions
from hub.points.ledger import month_of, next_month
from hub.points.rules import FIRST_RULES, PointsRules, rules_on
from hub.points.views import (
    FindingCaseView,
    FindingView,
    LedgerPage,
    PointsEntryView,
    PointsPeriodView,
    PointsStandingView,
    RulesView,
    StandingPage,
)


def read_month(text: str | None, now: datetime) -> str:
    """A month such as 2025-08; the present one if none is named. Raises InvalidInput."""
    if text is None:
        return month_of(local_date(now))
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise InvalidInput(f"a period is a month such as 2025-08, not {text}") from None


async def standings(
    db: Connection,
    period: str,
    *,
    scope: Scope = WHOLE_DISTRICT,
    q: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> StandingPage:
    """Workers by what they earned in a period: those whose village the scope contains."""
    wanted = {"period": period, "q": q, "limit": limit + 1, "offset": offset} | scope.facts
    async with db.cursor(row_factory=class_row(PointsStandingView)) as cursor:
        await cursor.execute(SQL["standings"], wanted)
        found = await cursor.fetchall()
    return StandingPage(period=period, items=found[:limit], more=len(found) > limit)


async def ledger_of(
    db: Connection,
    worker_id: str,
    *,
    scope: Scope = WHOLE_DISTRICT,
    period: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> LedgerPage:
    """The newest entries of a worker. Raises NotFound."""
    if not await _seen(db, [worker_id], scope):
        raise NotFound(f"there is no grid worker {worker_id}", worker_id=worker_id)
    wanted = {"worker_id": worker_id, "period": period, "before": before, "limit": limit + 1}
    async with db.cursor(row_factory=class_row(PointsEntryView)) as cursor:
        await cursor.execute(SQL["entries_of"], wanted)
        found = await cursor.fetchall()
    more = len(found) > limit
    return LedgerPage(items=found[:limit], next_before=found[limit - 1].entry_no if more else None)


async def periods(db: Connection, now: datetime) -> list[PointsPeriodView]:
    """Months with entries and closed months, the newest first."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["period_totals"])
        rows = await cursor.fetchall()
    present = month_of(local_date(now))
    open_ones = [row["period"] for row in rows if row["closed_at"] is None]
    unpaid = [row["period"] for row in rows if row["closed_at"] and row["paid_at"] is None]
    return [
        PointsPeriodView(
            **row,
            may_close=row["period"] < present and row["period"] == min(open_ones, default=None),
            may_pay=row["period"] == min(unpaid, default=None),
        )
        for row in rows
    ]


async def rules_list(db: Connection, now: datetime) -> list[RulesView]:
    """All versions of the rules, the newest first, and those that the hub has from the start."""
    used = rules_on(await rules_versions(db), local_date(now)).version
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["rules_in_full"])
        rows = await cursor.fetchall()
    first = {"effective_from": None, "made_at": None, "made_by": None, "reason": None}
    rows.append({"version": 0, "rules": FIRST_RULES.rules.model_dump(), **first})
    return [
        RulesView(
            **row | {"rules": PointsRules.model_validate(row["rules"])},
            in_force=row["version"] == used,
        )
        for row in rows
    ]


async def findings_of(
    db: Connection, period: str, scope: Scope = WHOLE_DISTRICT
) -> list[FindingView]:
    """What looks like gaming in the reports of a month; those that nobody has looked at come first."""
    since, until = month_bounds(period)
    span = {"since": since, "until": until}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["reports_of_period"], span)
        reports = [_report(row) for row in await cursor.fetchall() if row["worker_id"]]
    async with db.cursor(row_factory=class_row(OwnRepair)) as cursor:
        await cursor.execute(SQL["own_repairs"], span)
        own = await cursor.fetchall()
    rules = rules_on(await rules_versions(db), local_date(since)).rules
    found = findings(reports, own, rules)
    seen = await _seen(db, [each.worker_id for each in found], scope)
    found = [each for each in found if each.worker_id in seen]
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["reviews"])
        reviews = {row.pop("finding_key"): row for row in await cursor.fetchall()}
    workers = sorted({each.worker_id for each in found})
    names: dict[str, str] = dict(await (await db.execute(SQL["names"], (workers,))).fetchall())
    views = [_view(each, names, reviews) for each in found]
    return sorted(views, key=lambda each: each.verdict is not None)


async def _seen(db: Connection, workers: list[str], scope: Scope) -> set[str]:
    """Those of the workers that are in the scope."""
    cursor = await db.execute(SQL["seen"], {"workers": workers} | scope.facts)
    return {row[0] for row in await cursor.fetchall()}


def month_bounds(period: str) -> tuple[datetime, datetime]:
    """The local midnights at which a month begins and ends."""
    begin, end = (
        datetime(int(each[:4]), int(each[5:]), 1, tzinfo=TIMEZONE)
        for each in (period, next_month(period))
    )
    return begin, end


def _report(row: dict[str, object]) -> WorkerReportFacts:
    photos = row.pop("photos")
    assert isinstance(photos, list)
    marks = [str(each).partition(":") for each in photos]
    found = tuple(PhotoMark(sha256, int(looks) if looks else None) for sha256, _, looks in marks)
    return WorkerReportFacts(**row, photos=found)  # type: ignore[arg-type]


def _view(
    finding: GamingFinding, names: dict[str, str], reviews: dict[str, dict[str, object]]
) -> FindingView:
    nothing = {"verdict": None, "note": None, "reviewed_at": None, "reviewed_by": None}
    return FindingView(
        key=finding.key,
        kind=finding.kind,
        worker_id=finding.worker_id,
        name=names.get(finding.worker_id, finding.worker_id),
        cases=[FindingCaseView(case_id=key, case_no=number) for key, number in finding.cases],
        signals=list(finding.signals),
        photos=list(finding.photos),
        count=finding.count,
        span_m=finding.span_m,
        **reviews.get(finding.key, nothing),
    )
