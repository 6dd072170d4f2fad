"""The calendar of working days: read it, and edit it with all deadlines that count its days."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import BaseModel, Field

from hub.accounts.access import Admin, Observer
from hub.cases.actor import Actor
from hub.cases.day_list import parse_days
from hub.cases.workdays import MovedDeadline
from hub.catalogue.sheets import MAX_BYTES
from hub.deadlines.store import (
    MAX_NOTE,
    CalendarDay,
    DayEdit,
    days_between,
)
from hub.errors import InvalidInput
from hub.http.requests import Db, Work
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.calendar.commands import edit_calendar as change_calendar
from hub.supervision.calendar.commands import moves_of
from wire.messages.base import Day

router = APIRouter(prefix="/api/calendar", tags=["calendar"])

_MAX_DAYS = 3_000


class CalendarYear(BaseModel):
    year: int
    days: list[CalendarDay]


class NewDay(BaseModel):
    """A day as it shall count. `note` says why, such as the name of the holiday."""

    day: Day
    is_workday: bool
    note: Annotated[str, Field(max_length=MAX_NOTE, pattern=r"^[^\x00]*$")] = ""


class DayEdits(BaseModel):
    """With `dry_run` nothing is written."""

    days: Annotated[list[NewDay], Field(min_length=1, max_length=_MAX_DAYS)]
    dry_run: bool = False


class DayForm(BaseModel):
    """A CSV or XLSX file with the columns day (日期), is_workday (是否工作日) and note (备注)."""

    file: UploadFile
    dry_run: bool = False


class CalendarEdited(BaseModel):
    """The days that were (or would be) written, the bad cells, and the deadlines that move.

    With a bad cell nothing is written.
    """

    days: int
    bad: Sequence[str]
    moved: Sequence[MovedDeadline]


@router.get("")
async def calendar(
    db: Db, _account: Observer, year: Annotated[int, Query(ge=1901, le=9000)]
) -> CalendarYear:
    """All days of a year, each with who edited it; days that nobody entered go by their weekday."""
    days = await days_between(db, date(year, 1, 1), date(year, 12, 31))
    return CalendarYear(year=year, days=days)


@router.post("")
async def edit_calendar(work: Work, account: Admin, wanted: DayEdits) -> CalendarEdited:
    """Set whether days are workdays. All open deadlines that count them move with them."""
    edits = [DayEdit(each.day, each.is_workday, each.note) for each in wanted.days]
    return await _edited(work, account.actor, Actor.of(account), edits, dry_run=wanted.dry_run)


@router.post("/import")
async def import_calendar(
    work: Work, account: Admin, form: Annotated[DayForm, Form()]
) -> CalendarEdited:
    """Import a list of days. All open deadlines that count them move with them."""
    found = parse_days(await form.file.read(MAX_BYTES + 1), form.file.filename or "days")
    if found.bad:
        return CalendarEdited(days=0, bad=found.bad, moved=())
    if len(found.edits) > _MAX_DAYS:
        raise InvalidInput(f"a list has {_MAX_DAYS} days or fewer", field="file")
    return await _edited(work, account.actor, Actor.of(account), found.edits, dry_run=form.dry_run)


async def _edited(
    work: UnitOfWork, name: str, actor: Actor, edits: Sequence[DayEdit], *, dry_run: bool
) -> CalendarEdited:
    if dry_run:
        moved = await moves_of(work.db, edits, work.now)
    else:
        moved = await change_calendar(work.by(name), edits, actor)
    return CalendarEdited(days=len(edits), bad=(), moved=moved)
