"""Cases as people read them: the list, the most urgent first, and one case."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from psycopg.rows import dict_row
from pydantic import BaseModel, JsonValue

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.cases.case import ROUTE_WITHIN, State
from hub.cases.case_facts import PlaceSource
from hub.cases.store import SQL
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.geo.views import PlaceView
from wire.messages import EventType


class WhyView(BaseModel):
    """A reason in words, with the facts behind it."""

    code: str
    text_zh: str
    text_en: str
    facts: dict[str, JsonValue] = {}


class CaseAlarmView(BaseModel):
    """A person in danger called, `times` in all, and last at `raised_at`.

    `place_source` says how the case's place is known, `place_age_s` how old this knowledge was then.
    """

    type: EventType
    device_id: str
    holder: str | None
    raised_at: datetime
    times: int
    place_source: PlaceSource
    place_age_s: float | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class CaseSummaryView(BaseModel):
    """`doubted`: a report's photo shows something else, and no person has compared them yet.

    `due_at` and `overdue` are of the clock that runs: in a joint study, that of the study.
    `void_asked_by`: who asked to void this case of high severity; a second person decides.
    `alarm` is null unless the case is a call for help.
    """

    case_id: int
    case_no: str
    item_key: str
    cond_key: str
    title_zh: str
    title_en: str
    condition_text_zh: str
    condition_text_en: str
    severity: Severity
    state: State
    version: int
    place: PlaceView
    asset_id: str | None
    asset_name_zh: str | None
    asset_name_en: str | None
    filed_at: datetime
    routed_at: datetime | None
    due_at: datetime | None
    overdue: bool
    calendar_assumed: bool
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_unit: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    signal_count: int
    cover_evidence: str | None
    doubted: bool
    void_asked_by: str | None
    void_asked_by_name: str | None
    alarm: CaseAlarmView | None


class CaseRecord(CaseSummaryView):
    """All columns of a case that are shown."""

    why: list[WhyView]
    catalogue_version: int
    text: str
    filed_by: str
    occurred_at: datetime
    last_seen_at: datetime
    assist_units: list[str]
    invited_units: list[str]
    study_due_at: datetime | None
    study_overdue_at: datetime | None
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


class CaseList(BaseModel):
    """`next_before` asks for the cases after these; null at the end."""

    items: list[CaseSummaryView]
    next_before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list. `unit` leads, assists or has the place in its territory; `text` is searched for.
    `void_asked`: whether somebody asked to void them and nobody has decided.

    `scope` is that of the account that asks.
    `after` is the cursor of the last case that was seen.
    """

    states: tuple[State, ...] | None = None
    open: bool | None = None
    void_asked: bool | None = None
    unit: str | None = None
    scope: Scope = WHOLE_DISTRICT
    text: str | None = None
    after: str | None = None
    limit: int = 50


async def list_cases(db: Connection, wanted: CaseFilter) -> CaseList:
    """Cases, the most urgent first. Raises InvalidInput for a cursor that isn't one."""
    found = await _rows(db, wanted)
    page = found[: wanted.limit]
    return CaseList(
        items=[CaseSummaryView(**row) for row in page],
        next_before=_cursor(page[-1]) if len(found) > wanted.limit else None,
    )


async def case_record(db: Connection, case_id: int) -> CaseRecord:
    """One case. Raises NotFound."""
    found = await _rows(db, CaseFilter(limit=1), case_id)
    if not found:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return CaseRecord(**found[0])


async def _rows(
    db: Connection, wanted: CaseFilter, case_id: int | None = None
) -> list[dict[str, Any]]:
    ended, urgency, after_id = _position(wanted.after)
    facts = {
        "case_id": case_id,
        "states": None if wanted.states is None else [str(state) for state in wanted.states],
        "open": wanted.open,
        "void_asked": wanted.void_asked,
        "unit": wanted.unit,
        **wanted.scope.facts,
        "q": None if not wanted.text else f"%{_literally(wanted.text)}%",
        "route_within": ROUTE_WITHIN,
        "after_ended": ended,
        "after_urgency": urgency,
        "after_case_id": after_id,
        "limit": wanted.limit + 1,
    }
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["records"], facts)
        return await cursor.fetchall()


def _cursor(row: dict[str, Any]) -> str:
    """The cursor with which the list continues after this case."""
    return f"{row['ended']}:{row['urgency']}:{row['case_id']}"


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
