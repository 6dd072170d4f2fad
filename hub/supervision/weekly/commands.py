"""Generate the weekly list, and record its minutes and rulings."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from hub.cases.commands import note
from hub.cases.store import lock_case
from hub.clock import TIMEZONE
from hub.db import load_queries
from hub.errors import Conflict, InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

SQL = load_queries(__file__)

READY_HOUR = 8
"""The list of a week is generated on Monday at this local hour."""
LONG_OPEN = timedelta(days=30)


class ListReason(StrEnum):
    """Why a case is on the weekly list."""

    HARD_TO_CLOSE = "hard_to_close"
    """In joint study, suspended, extended or returned twice, or open for 30 days."""
    NEWLY_DISPUTED = "newly_disputed"
    """A dispute filed in the week before, or a case that a unit returned or that went to joint study."""
    RECURRING = "recurring"
    OVERDUE = "overdue"
    TWICE_REWORKED = "twice_reworked"


class WeeklyEntryKind(StrEnum):
    """The kinds of entries about a weekly list."""

    WEEKLY_LIST_GENERATED = "weekly_list_generated"
    MINUTES_RECORDED = "minutes_recorded"
    WEEKLY_RULING = "weekly_ruling"


def week_of(instant: datetime) -> date:
    """The Monday of an instant's local week."""
    day = instant.astimezone(TIMEZONE).date()
    return day - timedelta(days=day.weekday())


async def generate_weekly_list(work: UnitOfWork, week: date) -> int:
    """Make the list of a week, or make it anew; returns how many cases are on it.

    Cases with a ruling stay on it. Raises InvalidInput if `week` is no Monday or in the future, and
    Conflict once there are minutes.
    """
    if week.weekday() != 0 or week > week_of(work.now):
        raise InvalidInput("a week is named by its Monday, and has begun", field="week")
    row = await (await work.db.execute(SQL["lock"], (week,))).fetchone()
    if row is not None and row[0] is not None:
        raise Conflict(f"the list of {week} has minutes; it stays as it was studied")
    await work.db.execute(SQL["put"], {"week": week, "now": work.now, "actor": work.actor})
    await work.db.execute(SQL["drop_unruled"], (week,))
    facts = {
        "week": week,
        "since": datetime.combine(week, datetime.min.time(), TIMEZONE) - timedelta(days=7),
        "long_before": work.now - LONG_OPEN,
    }
    await work.db.execute(SQL["add_items"], facts)
    rows = await (await work.db.execute(SQL["listed"], (week,))).fetchall()
    listed: dict[str, JsonValue] = dict(rows)
    _record(work, week, WeeklyEntryKind.WEEKLY_LIST_GENERATED, {"cases": listed})
    return len(rows)


async def generate_when_due(work: UnitOfWork) -> int:
    """The sweep: make the list of this week if it is time and there is none. Returns 0 or 1."""
    week, local = week_of(work.now), work.now.astimezone(TIMEZONE)
    if local.date() == week and local.hour < READY_HOUR:
        return 0
    row = await (await work.db.execute(SQL["newest"])).fetchone()
    if row is not None and row[0] >= week:
        return 0
    await generate_weekly_list(work.by("system:weekly_list"), week)
    return 1


async def record_minutes(work: UnitOfWork, week: date, minutes: str) -> None:
    """Record the minutes of the study; from then on the list stays as it is. Raises NotFound."""
    await _list(work, week)
    said = _said(minutes, "text")
    facts = {"week": week, "minutes": said, "now": work.now, "actor": work.actor}
    await work.db.execute(SQL["set_minutes"], facts)
    _record(work, week, WeeklyEntryKind.MINUTES_RECORDED, {"minutes": said})


async def record_ruling(work: UnitOfWork, week: date, case_id: int, ruling: str) -> None:
    """Record what was decided about a case of the list; the case's journal has it, too.

    Raises NotFound.
    """
    await _list(work, week)
    case = await lock_case(work.db, case_id)
    said = _said(ruling, "text")
    facts = {
        "week": week,
        "case_id": case_id,
        "ruling": said,
        "now": work.now,
        "actor": work.actor,
    }
    if await (await work.db.execute(SQL["rule"], facts)).fetchone() is None:
        raise NotFound(f"case {case.case_no} is not on the list of {week}", case_id=case_id)
    data: dict[str, JsonValue] = {"case_no": case.case_no, "case_id": case_id, "ruling": said}
    _record(work, week, WeeklyEntryKind.WEEKLY_RULING, data)
    words: dict[str, JsonValue] = {
        "week": week.isoformat(),
        "text": said,
        "text_zh": f"每周研判意见：{said}",
        "text_en": f"ruling of the weekly study: {said}",
    }
    await note(work, case, WeeklyEntryKind.WEEKLY_RULING, words)


async def _list(work: UnitOfWork, week: date) -> None:
    if await (await work.db.execute(SQL["lock"], (week,))).fetchone() is None:
        raise NotFound(f"there is no list of the week of {week}")


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidInput("write what was said", field=field)
    return text.strip()


def _record(
    work: UnitOfWork, week: date, kind: WeeklyEntryKind, data: dict[str, JsonValue]
) -> None:
    work.record(
        NewEntry(Subject.WEEKLY_LIST, week.isoformat(), kind, work.actor, work.now, data=data)
    )
