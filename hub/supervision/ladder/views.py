"""The ladder as the API shows it: where each case stands, and what the units were told."""

from datetime import datetime

from psycopg.rows import class_row
from pydantic import BaseModel

from hub.accounts.account import Account
from hub.cases import Case, State
from hub.catalogue import Severity
from hub.db import Connection
from hub.deadlines import load_calendar
from hub.supervision.ladder.importing import ladder_text
from hub.supervision.ladder.ladder import Halt, LadderStep, StepKind
from hub.supervision.ladder.store import SQL, load_ladder, planned_now


class LadderView(BaseModel):
    """The steps in force. Version 0 is the ladder that is shipped; a later one counts from `since`."""

    version: int
    since: datetime | None
    steps: list[LadderStep]
    text: str
    """The steps as YAML, to be changed and imported as the next version."""


class LadderVersionView(BaseModel):
    """A ladder that was imported: by whom, from which file, and why."""

    version: int
    imported_at: datetime
    imported_by: str
    source: str
    reason: str


class LadderVersionList(BaseModel):
    items: list[LadderVersionView]


class StandingView(BaseModel):
    """Where an open case stands on the ladder. `halt` says why nothing is next.

    `unanswered` counts explanations and letters whose answers are late.
    """

    case_id: int
    case_no: str
    state: State
    severity: Severity
    title_zh: str | None
    title_en: str | None
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    due_at: datetime | None
    overdue_at: datetime | None
    halt: Halt | None
    next_step: str | None
    next_at: datetime | None
    steps_fired: int
    last_step: str | None
    last_at: datetime | None
    unanswered: int


class StandingList(BaseModel):
    """`next_offset` asks for the cases after these; null at the end."""

    items: list[StandingView]
    next_offset: int | None


class FiringView(BaseModel):
    """A step that fired at `fired_at`; the ladder wanted it at `reached_at`."""

    firing_id: int
    case_id: int
    step_key: str
    kind: StepKind
    case_due_at: datetime
    reached_at: datetime
    fired_at: datetime
    units: list[str]
    supervisors: bool
    text_zh: str
    text_en: str
    letter_id: int | None
    answer_due_at: datetime | None
    answered_at: datetime | None
    overdue_at: datetime | None


class NoticeView(FiringView):
    """A firing with its case, for those whom it reached."""

    case_no: str
    title_zh: str | None
    title_en: str | None


class NoticeList(BaseModel):
    """`next_before` asks for the notices after these; null at the end."""

    items: list[NoticeView]
    next_before: int | None


class PlannedStepView(BaseModel):
    """A step of a case that is to come."""

    step_key: str
    kind: StepKind
    text_zh: str
    text_en: str
    at: datetime


class CaseLadderView(BaseModel):
    """The ladder of one case: what has fired, and what is to come unless it is done before."""

    halt: Halt | None
    to_come: list[PlannedStepView]
    fired: list[FiringView]


async def ladder_view(db: Connection) -> LadderView:
    """The ladder in force."""
    ladder = await load_ladder(db)
    return LadderView(
        version=ladder.version,
        since=ladder.since,
        steps=list(ladder.steps),
        text=ladder_text(ladder),
    )


async def standing_cases(
    db: Connection,
    account: Account,
    *,
    unit: str | None,
    overdue: bool | None,
    limit: int,
    offset: int,
) -> StandingList:
    """The open cases of the account's scope, the one whose step comes next first."""
    facts = account.scope.facts | {
        "unit": unit,
        "overdue": overdue,
        "limit": limit + 1,
        "offset": offset,
    }
    async with db.cursor(row_factory=class_row(StandingView)) as cursor:
        await cursor.execute(SQL["standing"], facts)
        rows = await cursor.fetchall()
    more = len(rows) > limit
    return StandingList(items=rows[:limit], next_offset=offset + limit if more else None)


async def ladder_versions(db: Connection) -> LadderVersionList:
    async with db.cursor(row_factory=class_row(LadderVersionView)) as cursor:
        await cursor.execute(SQL["versions"])
        return LadderVersionList(items=await cursor.fetchall())


async def notices(
    db: Connection,
    account: Account,
    *,
    kind: StepKind | None = None,
    before: int | None,
    limit: int,
) -> NoticeList:
    """What the ladder told the units of the account's scope, the newest first."""
    facts = account.scope.facts | {"kind": kind, "before": before, "limit": limit + 1}
    async with db.cursor(row_factory=class_row(NoticeView)) as cursor:
        await cursor.execute(SQL["notices"], facts)
        rows = await cursor.fetchall()
    page = rows[:limit]
    return NoticeList(items=page, next_before=page[-1].firing_id if len(rows) > limit else None)


async def case_ladder(db: Connection, case: Case, now: datetime) -> CaseLadderView:
    """The ladder of a case, computed now."""
    calendar = await load_calendar(db, now)
    plan = await planned_now(db, case, await load_ladder(db), calendar)
    async with db.cursor(row_factory=class_row(FiringView)) as cursor:
        await cursor.execute(SQL["firings_of_case"], (case.case_id,))
        fired = await cursor.fetchall()
    to_come = [
        PlannedStepView(
            step_key=each.step.step_key,
            kind=each.step.kind,
            text_zh=each.step.text_zh,
            text_en=each.step.text_en,
            at=each.at,
        )
        for each in plan.to_come
    ]
    return CaseLadderView(halt=plan.halt, to_come=to_come, fired=fired)
