"""The calendar of working days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.running import ACTOR, fail, in_transaction, read_file
from hub.clock import TIMEZONE, local_date, now

if TYPE_CHECKING:
    from hub.cases.workdays import MovedDeadline
    from hub.deadlines.store import CalendarDay, DayEdit

app = typer.Typer(help="The calendar of working days.", no_args_is_help=True)

_CLOCKS = {
    "case": "",
    "study": "joint study",
    "explanation": "explanation of the delay",
    "letter": "answer to letter",
}
_DryRun = Annotated[bool, typer.Option(help="Show what would move and change nothing.")]


@app.callback()
def calendar() -> None:
    """The calendar of working days."""


@app.command("import")
def import_(file: Path, dry_run: _DryRun = False) -> None:
    """Import days off and worked Saturdays from CSV or XLSX, and move the open deadlines.

    The columns are day (日期), is_workday (是否工作日: 是 or 否) and, if wanted, note (备注). With a bad
    cell nothing is imported.
    """
    from hub.cases.day_list import parse_days
    from hub.errors import InvalidInput

    try:
        found = parse_days(read_file(file), file.name)
    except InvalidInput as error:
        fail(error.detail)
    if found.bad:
        for line in found.bad:
            typer.echo(f"! {line}")
        fail(f"nothing imported: {len(found.bad)} bad cells")
    _edit(found.edits, dry_run=dry_run)


@app.command()
def edit(
    day: Annotated[str, typer.Argument(help="The day, as 2026-10-10.")],
    workday: Annotated[
        bool,
        typer.Option("--workday/--day-off", help="Whether the day is worked.", show_default=False),
    ],
    note: Annotated[str, typer.Option(help="Why, such as the name of the holiday.")] = "",
    dry_run: _DryRun = False,
) -> None:
    """Make one day a workday or a day off, and move the open deadlines."""
    from hub.deadlines.store import DayEdit

    _edit([DayEdit(_day(day), workday, note)], dry_run=dry_run)


@app.command()
def show(
    year: Annotated[
        int | None, typer.Argument(help="The year; without it the present one.")
    ] = None,
    every_day: Annotated[bool, typer.Option("--all", help="Show every day of the year.")] = False,
) -> None:
    """Show the days that differ from their weekday, and those that somebody edited."""
    from hub.deadlines.store import days_between

    wanted = local_date(now()).year if year is None else year
    if not 1900 < wanted < date.max.year:
        fail(f"{wanted} is no year")
    first, last = date(wanted, 1, 1), date(wanted, 12, 31)
    days = in_transaction(lambda work: days_between(work.db, first, last))
    for line in _lines(days, every_day=every_day):
        typer.echo(line)


def _edit(edits: "Sequence[DayEdit]", *, dry_run: bool) -> None:
    from hub.accounts.account import Role
    from hub.cases.actor import Actor
    from hub.supervision.calendar.commands import edit_calendar, moves_of

    if dry_run:
        moved = in_transaction(lambda work: moves_of(work.db, edits, work.now))
    else:
        moved = in_transaction(lambda work: edit_calendar(work, edits, Actor(ACTOR, Role.ADMIN)))
    for each in moved:
        typer.echo(_moved(each))
    written = "nothing written" if dry_run else f"{len(edits)} days written"
    typer.echo(f"{len(moved)} deadlines {'would move' if dry_run else 'moved'}; {written}")


def _moved(each: "MovedDeadline") -> str:
    what = " ".join(word for word in (each.case_no, _CLOCKS[each.clock], each.letter_no) if word)
    return f"{what}: {_local(each.due_before)} -> {_local(each.due_after)}"


def _local(at: datetime) -> str:
    return f"{at.astimezone(TIMEZONE):%Y-%m-%d %H:%M}"


def _lines(days: "Sequence[CalendarDay]", *, every_day: bool) -> Iterator[str]:
    for each in days:
        differs = each.is_workday != (each.day.weekday() < 5)
        if every_day or differs or each.edited_by:
            kind = "workday" if each.is_workday else "day off"
            by = f"edited by {each.edited_by}" if each.edited_by else ""
            guess = "assumed" if each.assumed else ""
            words = [f"{each.day:%Y-%m-%d %a}", kind, each.note, by, guess]
            yield "  ".join(word for word in words if word)
    worked = sum(each.is_workday for each in days)
    assumed = sum(each.assumed for each in days)
    yield f"{worked} workdays, {len(days) - worked} days off, {assumed} assumed by their weekday"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text} is no day such as 2026-10-10")
