"""When a limit ends."""

import os
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from hub.cli.running import fail, in_transaction
from hub.clock import TIMEZONE

if TYPE_CHECKING:
    from hub.deadlines import WorkCalendar

Word = TypeVar("Word", bound=StrEnum)

_EXAMPLE = "2025-08-07T15:19+08:00"


def deadline(
    start: Annotated[str, typer.Option(help=f"When the clock starts, as {_EXAMPLE}.")],
    limit: Annotated[float, typer.Option(help="How many minutes, hours or days.")],
    type_: Annotated[
        str,
        typer.Option(
            "--type", help="work_day, work_hour, urgent_hour, urgent_minute, natural_day."
        ),
    ],
    policy: Annotated[
        str, typer.Option(help="accumulate, or end_of_day_from_next (whole days only).")
    ] = "accumulate",
) -> None:
    """Print when a limit ends, in the district's time; the last line is the instant.

    The hub's calendar counts. Without a database it is that of the public holidays. A start without
    an offset is local time.
    """
    from hub.deadlines import Limit, LimitType, Policy, due_at
    from hub.deadlines.calendar import NoWorkingTime

    begins_at = _instant(start)
    kind, rule = _word(LimitType, "--type", type_), _word(Policy, "--policy", policy)
    try:
        wanted = Limit(kind, limit, rule)
    except ValueError as error:
        fail(f"--limit: {error}")
    try:
        due = due_at(begins_at, wanted.type, wanted.value, wanted.policy, _calendar())
        local = due.due_at.astimezone(TIMEZONE)
    except (OverflowError, NoWorkingTime) as error:
        fail(f"the limit has no end: {error}")
    if due.calendar_assumed:
        typer.echo("calendar_assumed: days that no calendar knows are judged by their weekday")
    typer.echo(local.isoformat())


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if "T" not in text.upper() and " " not in text.strip():
            raise ValueError("it has no time of day")
        found = found if found.tzinfo else found.replace(tzinfo=TIMEZONE)
        found.astimezone(TIMEZONE)
    except (ValueError, OverflowError) as error:
        fail(f"--start: {text} is no instant such as {_EXAMPLE}: {error}")
    return found


def _word(kind: type[Word], option: str, text: str) -> Word:
    try:
        return kind(text)
    except ValueError:
        fail(f"{option}: {text} is none of {', '.join(kind)}")


def _calendar() -> "WorkCalendar":
    from hub.deadlines.store import known_calendar, whole_calendar

    if "PATROLHUB_DATABASE_URL" in os.environ:
        return in_transaction(lambda work: whole_calendar(work.db))
    return known_calendar()
