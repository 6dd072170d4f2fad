"""The weekly list as the API shows it, and as a document."""

from datetime import date, datetime
from pathlib import Path

from psycopg.rows import class_row
from pydantic import BaseModel

from hub.accounts.account import Account
from hub.cases import State
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import NotFound
from hub.supervision.documents.pdf import pdf_of
from hub.supervision.documents.templates import DocumentLanguage, rendered
from hub.supervision.weekly.commands import SQL, ListReason


class WeeklyListSummary(BaseModel):
    """`week` is its Monday."""

    week: date
    generated_at: datetime
    generated_by: str
    minutes: str | None
    minutes_at: datetime | None
    minutes_by: str | None
    cases: int
    ruled: int


class WeeklyItemView(BaseModel):
    case_id: int
    case_no: str
    state: State
    severity: Severity
    title_zh: str | None
    title_en: str | None
    text: str
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    filed_at: datetime
    due_at: datetime | None
    overdue_at: datetime | None
    rework: int
    extensions: int
    bounces: int
    reasons: list[ListReason]
    ruling: str | None
    ruled_at: datetime | None
    ruled_by_name: str | None


class WeeklyListView(WeeklyListSummary):
    """`items` are the cases that the account may see; `cases` counts all of them."""

    items: list[WeeklyItemView]


async def weekly_lists(db: Connection, week: date | None = None) -> list[WeeklyListSummary]:
    """The lists of the last weeks, the newest first."""
    async with db.cursor(row_factory=class_row(WeeklyListSummary)) as cursor:
        await cursor.execute(SQL["lists"], {"week": week})
        return await cursor.fetchall()


async def weekly_list(db: Connection, week: date, account: Account) -> WeeklyListView:
    """Raises NotFound."""
    found = await weekly_lists(db, week)
    if not found:
        raise NotFound(f"there is no list of the week of {week}")
    async with db.cursor(row_factory=class_row(WeeklyItemView)) as cursor:
        await cursor.execute(SQL["items"], account.scope.facts | {"week": week})
        items = await cursor.fetchall()
    return WeeklyListView(**found[0].model_dump(), items=items)


def weekly_html(shown: WeeklyListView, language: DocumentLanguage) -> str:
    """The list to be printed."""
    return rendered("weekly.html", language, w=shown, reasons=_REASONS)


async def weekly_pdf(shown: WeeklyListView, language: DocumentLanguage, font: Path | None) -> bytes:
    """Raises Unavailable without a font."""
    title = f"每周研判清单 {shown.week}"
    return await pdf_of(weekly_html(shown, language), title, shown.generated_at, language, font)


_REASONS: dict[str, tuple[str, str]] = {
    ListReason.HARD_TO_CLOSE: ("难办结", "hard to close"),
    ListReason.NEWLY_DISPUTED: ("新增争议", "newly disputed"),
    ListReason.RECURRING: ("反复发生", "recurring"),
    ListReason.OVERDUE: ("超期", "overdue"),
    ListReason.TWICE_REWORKED: ("两次以上返工", "reworked twice"),
}
