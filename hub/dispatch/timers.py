"""Timers of commands: they run out, are sent to devices that are back, or are tried again."""

from datetime import timedelta
from functools import partial

import structlog

from hub.commands.answers import announce
from hub.commands.command import CommandState, MovedBy
from hub.commands.limits import runs_out_to
from hub.commands.moving import move
from hub.commands.store import CommandRow, select_locked
from hub.devices.device import ONLINE_WITHIN_S
from hub.dispatch.follow_up import follow_up
from hub.dispatch.policy import guard_by_policy
from hub.dispatch.relief import lock_free_guards, relieve, tell_holder
from hub.dispatch.store import SQL
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

BATCH = 100

_WHY = {
    CommandState.EXPIRED: "not delivered in time",
    CommandState.NO_ANSWER: "not accepted in time",
    CommandState.TIMED_OUT: "not finished in time",
}


async def run_timers(work: UnitOfWork) -> int:
    """End commands whose time is up, send those that waited for a device, relieve the guards of ended
    cases, and try pending guards again. Returns how many commands it touched.
    """
    work = work.by("system:timers")
    due = await select_locked(work.db, "due", {"now": work.now, "limit": BATCH})
    rows = {row.command_id: row for row in due}
    touched = await work.each("command_id", rows, partial(_run_out, work))
    touched += await _send_to_returned(work)
    touched += await _end_guards_of_ended_cases(work)
    touched += await _send_pending_guards(work)
    return touched


async def _run_out(work: UnitOfWork, row: CommandRow) -> None:
    to = runs_out_to(row.state, row.accept_within_s)
    moved = await move(work, row, to, by=MovedBy.TIMER, reason=_WHY[to])
    log.info("command_ran_out", command_id=str(row.command_id), type=row.type, state=to)
    if to is CommandState.NO_ANSWER:
        await tell_holder(work, row, _WHY[to])
    await follow_up(work, moved)


async def _send_to_returned(work: UnitOfWork) -> int:
    """Send waiting orders to devices that are heard from again without a new birth."""
    since = work.now - timedelta(seconds=ONLINE_WITHIN_S)
    facts = {"now": work.now, "since": since, "limit": BATCH}
    rows = await (await work.db.execute(SQL["waiting_for_online"], facts)).fetchall()
    return await announce(work, [row[0] for row in rows])


async def _end_guards_of_ended_cases(work: UnitOfWork) -> int:
    cursor = await work.db.execute(SQL["guards_of_ended_cases"], {"limit": BATCH})
    case_ids = [row[0] for row in await cursor.fetchall()]
    guards = {each.command_id: each for each in await lock_free_guards(work.db, case_ids)}
    return await work.each(
        "command_id", guards, lambda guard: relieve(work, guard, "relieved_case_ended")
    )


async def _send_pending_guards(work: UnitOfWork) -> int:
    cursor = await work.db.execute(SQL["cases_wanting_guard"], {"now": work.now})
    cases = {row[0]: row[0] for row in await cursor.fetchall()}
    sent: list[CommandRow] = []

    async def guard(case_id: int) -> None:
        if (row := await guard_by_policy(work, case_id)) is not None:
            sent.append(row)

    await work.each("case_id", cases, guard)
    return len(sent)
