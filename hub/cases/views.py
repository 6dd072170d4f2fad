"""What people see of cases: the list, most urgent first, and one case with its photos."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from psycopg.rows import class_row
from pydantic import JsonValue

from hub.cases.case import State
from hub.cases.store import SQL
from hub.db import Connection
from hub.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """A case with the names of its item, condition and units. `overdue_at` is set where it is late.

    `doubted`: a report's photo shows something else, and nobody has compared them yet.
    """

    case_id: int
    case_no: str
    item_key: str
    cond_key: str
    title_zh: str
    title_en: str
    condition_text_zh: str | None
    condition_text_en: str | None
    severity: str
    state: str
    version: int
    lon: float
    lat: float
    error_m: float
    asset_id: str | None
    occurred_at: datetime
    last_seen_at: datetime
    filed_at: datetime
    filed_by: str
    text: str
    catalogue_version: int
    routed_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    calendar_assumed: bool
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    assist_units: list[str]
    territory_unit: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    person: str | None
    plan: str | None
    signed_at: datetime | None
    feedback_at: datetime | None
    closed_at: datetime | None
    suspended_until: datetime | None
    extensions: int
    bounces: int
    rework: int
    merged_into: int | None
    recurrence_of: int | None
    signal_count: int
    cover_evidence: str | None
    locked_by: str | None
    doubted: bool
    ended: int
    urgency: Decimal

    @property
    def overdue(self) -> bool:
        return self.overdue_at is not None

    @property
    def cursor(self) -> str:
        """Where the list goes on after this case."""
        return f"{self.ended}:{self.urgency}:{self.case_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvidence:
    """A photo of a case. `received_at`, `width`, `height` are None until it has arrived.

    `verdict` is the repair check's; only photos of kind `repair` have one.
    """

    sha256: str
    kind: str
    signal_id: int | None
    device_id: str | None
    username: str | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    boxes: list[dict[str, JsonValue]]
    verdict: dict[str, JsonValue] | None
    added_at: datetime
    received_at: datetime | None
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list. `unit` leads, assists or holds the place; `text` is searched for.

    `seen_by` is a unit that sees only what it leads or assists in; None sees the whole district.
    `after` is the cursor of the last case that was seen.
    """

    states: tuple[State, ...] | None = None
    open: bool | None = None
    unit: str | None = None
    seen_by: str | None = None
    text: str | None = None
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CasePage:
    """`next_cursor` is None on the last page."""

    items: tuple[CaseSummary, ...]
    next_cursor: str | None


async def list_cases(db: Connection, wanted: CaseFilter, now: datetime) -> CasePage:
    """Cases, the most urgent first. Raises InvalidInput for a cursor that isn't one."""
    found = await _summaries(db, wanted, None, now)
    page = found[: wanted.limit]
    return CasePage(tuple(page), page[-1].cursor if len(found) > wanted.limit else None)


async def case_summary(db: Connection, case_id: int, now: datetime) -> CaseSummary:
    """One case as the list shows it. Raises NotFound."""
    found = await _summaries(db, CaseFilter(limit=1), case_id, now)
    if not found:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return found[0]


async def evidence_of(db: Connection, case_id: int) -> list[CaseEvidence]:
    """The photos of a case, oldest link first."""
    async with db.cursor(row_factory=class_row(CaseEvidence)) as cursor:
        await cursor.execute(SQL["evidence_of"], (case_id,))
        return await cursor.fetchall()


async def _summaries(
    db: Connection, wanted: CaseFilter, case_id: int | None, now: datetime
) -> list[CaseSummary]:
    ended, urgency, after_id = _position(wanted.after)
    facts = {
        "case_id": case_id,
        "states": None if wanted.states is None else [str(state) for state in wanted.states],
        "open": wanted.open,
        "unit": wanted.unit,
        "seen_by": wanted.seen_by,
        "q": None if not wanted.text else f"%{_literally(wanted.text)}%",
        "now": now,
        "after_ended": ended,
        "after_urgency": urgency,
        "after_case_id": after_id,
        "limit": wanted.limit + 1,
    }
    async with db.cursor(row_factory=class_row(CaseSummary)) as cursor:
        await cursor.execute(SQL["summaries"], facts)
        return await cursor.fetchall()


def _position(cursor: str | None) -> tuple[int | None, Decimal | None, int | None]:
    if cursor is None:
        return None, None, None
    try:
        ended, urgency, case_id = cursor.split(":")
        place = Decimal(urgency)
        if not place.is_finite():
            raise ValueError(urgency)
        return int(ended), place, int(case_id)
    except (ValueError, InvalidOperation):
        raise InvalidInput("the cursor is not one that a list gave", field="before") from None


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
