"""Cases as people read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row
from pydantic import BaseModel, JsonValue

from hub.cases.case import Satisfaction, State
from hub.cases.case_facts import PlaceSource
from hub.cases.requests import ApprovalKind
from hub.cases.store import SQL
from hub.catalogue import Severity
from hub.db import Connection
from hub.deadlines import LimitType
from hub.errors import NotFound
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


class CaseRequestView(BaseModel):
    """What somebody asked for, and nobody has decided. `until` ends a suspension."""

    approval_id: str
    kind: ApprovalKind
    asked_by: str
    asked_by_name: str | None
    asked_at: datetime
    reason: str
    until: datetime | None


class CameraSightView(BaseModel):
    """What a camera says about a case: when it reported the fault last, and when it saw it cleared.

    `cleared_at` is null if it has reported the fault again since.
    """

    camera_id: str
    name_zh: str
    name_en: str
    seen_at: datetime
    cleared_at: datetime | None


class CaseSummaryView(BaseModel):
    """`doubted`: a report's photo shows something else, and no person has compared them yet.

    `due_at` and `overdue` are of the clock that runs: in a joint study, that of the study.
    `owner` is the operator who looks after it.
    `dispatch_late_at`: it was told that the case waits longer for a unit than the hall has for it.
    `void_asked_by`: who asked to void this case of high severity; a second person decides.
    `alarm` is null unless the case is a call for help.
    The case is a recurrence of `recurrence_of`, closed within 30 days before it; `reopened`: how often it was
    itself reopened, since it came back within 7 days.
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
    road_zh: str | None
    road_en: str | None
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
    owner: str | None
    owner_name: str | None
    alarm: CaseAlarmView | None
    recurrence_of: int | None
    recurrence_no: str | None
    reopened: int
    dispatch_late_at: datetime | None


class CaseRecord(CaseSummaryView):
    """All columns of a case that are shown; `cameras` are those that have seen it."""

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
    limit_type: LimitType | None
    limit_value: float | None
    overdue_at: datetime | None
    suspended_at: datetime | None
    exempt_at: datetime | None
    step: int | None
    step_at: datetime | None
    callback_required: bool
    callback_attempts: int
    satisfaction: Satisfaction | None
    supervised: bool
    requests: list[CaseRequestView]
    cameras: list[CameraSightView]


class CaseList(BaseModel):
    """`next_before` asks for the cases after these; null at the end, and in other orders than by urgency.

    `total` is the number of all that match; with `total_is_exact` false there are more.
    """

    items: list[CaseSummaryView]
    next_before: str | None
    total: int
    total_is_exact: bool


async def case_record(db: Connection, case_id: int) -> CaseRecord:
    """One case. Raises NotFound."""
    found = await case_rows(db, [case_id])
    if not found:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return CaseRecord(**found[0], cameras=await camera_sights(db, case_id))


async def camera_sights(db: Connection, case_id: int) -> list[CameraSightView]:
    """What each camera that has reported the case says about it now."""
    async with db.cursor(row_factory=class_row(CameraSightView)) as cursor:
        await cursor.execute(SQL["camera_sights"], (case_id,))
        return await cursor.fetchall()


async def case_rows(db: Connection, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The columns of CaseRecord of these cases, in this order."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["records"], (list(case_ids),))
        return await cursor.fetchall()
