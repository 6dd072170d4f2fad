"""What time does to commands."""

from datetime import datetime, timedelta

import structlog

from hub.db import Connection
from hub.devices.device import ONLINE_WITHIN_S
from hub.dispatch.answers import announce_in
from hub.dispatch.command import CommandState, Mover
from hub.dispatch.limits import runs_out_to
from hub.dispatch.moving import Turn, move
from hub.dispatch.policy import ACTOR, guard_in
from hub.dispatch.relief import lock_guards, relieve, tell_holder
from hub.dispatch.replacing import next_best, wants_next_best
from hub.dispatch.store import SQL, CommandRow, select_locked
from wire.messages import CommandType

log = structlog.get_logger()

BATCH = 100

_WHY = {
    CommandState.EXPIRED: "not delivered in time",
    CommandState.NO_ANSWER: "nobody took it on in time",
    CommandState.TIMED_OUT: "not finished in time",
}


async def run_timers(db: Connection, now: datetime) -> int:
    """Let run out what is due, send what waited for a device, end what a case no longer needs, and
    try again where a guard is wanted. Returns how many commands it touched.
    """
    turn = Turn(db, "system:timers", now)
    due = await select_locked(db, "due", {"now": now, "limit": BATCH})
    for row in due:
        await _run_out(turn, row)
    touched = len(due)
    touched += await _send_to_returned(turn)
    touched += await _end_guards_of_ended_cases(turn)
    touched += await _fulfil_wishes(turn)
    await turn.close()
    return touched


async def _run_out(turn: Turn, row: CommandRow) -> None:
    to = runs_out_to(CommandState(row.state), row.accept_within_s)
    moved = await move(turn, row, to, by=Mover.TIMER, reason=_WHY[to])
    log.info("command_ran_out", command_id=str(row.command_id), type=row.type, state=to)
    if to is CommandState.NO_ANSWER:
        await tell_holder(turn, row, _WHY[to])
    if wants_next_best(CommandType(row.type), to):
        await next_best(turn, moved)


async def _send_to_returned(turn: Turn) -> int:
    """A device that is heard of again without a new birth gets what waited for it."""
    since = turn.now - timedelta(seconds=ONLINE_WITHIN_S)
    facts = {"now": turn.now, "since": since, "limit": BATCH}
    rows = await (await turn.db.execute(SQL["waiting_for_online"], facts)).fetchall()
    return await announce_in(turn, [row[0] for row in rows])


async def _end_guards_of_ended_cases(turn: Turn) -> int:
    touched = 0
    cursor = await turn.db.execute(SQL["guards_of_ended_cases"], {"limit": BATCH})
    for (case_id,) in await cursor.fetchall():
        for guard in await lock_guards(turn.db, case_id):
            await relieve(turn, guard, "relieved_case_ended")
            touched += 1
    return touched


async def _fulfil_wishes(turn: Turn) -> int:
    cursor = await turn.db.execute(SQL["wanting_guard"], {"now": turn.now})
    cases = [row[0] for row in await cursor.fetchall()]
    sent = [await guard_in(turn.by(ACTOR), case_id) for case_id in cases]
    return sum(row is not None for row in sent)
