"""Move a command: its row and its history now, the journals of it and of its case at the work's end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from hub.commands.command import TERMINAL, CommandState, Mover, may_move
from hub.commands.limits import timer_at
from hub.commands.store import CommandRow, NewLine, append_histories, save_commands
from hub.errors import IllegalTransition
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

_TELLS_THE_CASE = TERMINAL | {CommandState.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a device's ack says besides its state; `at` is the device's clock."""

    rev: int
    at: datetime
    received_at: datetime
    result: dict[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class Step:
    """A move that was found right: the command as it was and as it is, and who moved it."""

    before: CommandRow
    after: CommandRow
    actor: str
    at: datetime
    reason: str | None
    heard: Heard | None


def step(
    work: UnitOfWork,
    row: CommandRow,
    to: CommandState,
    *,
    by: Mover,
    reason: str | None = None,
    heard: Heard | None = None,
) -> Step:
    """What moves a command to another state. Raises IllegalTransition."""
    state = CommandState(row.state)
    if not may_move(by, state, to):
        raise IllegalTransition(
            f"a command that is {state} cannot become {to}", state=state, to=to, by=by
        )
    at = heard.received_at if heard else work.now
    return Step(row, _after(row, to, at, reason, heard), work.actor, at, reason, heard)


async def move(
    work: UnitOfWork,
    row: CommandRow,
    to: CommandState,
    *,
    by: Mover,
    reason: str | None = None,
    heard: Heard | None = None,
) -> CommandRow:
    """The row as it is after the move. The caller has locked it. Raises IllegalTransition."""
    taken = step(work, row, to, by=by, reason=reason, heard=heard)
    await take_steps(work, [taken])
    return taken.after


async def take_steps(work: UnitOfWork, steps: Sequence[Step]) -> None:
    """Write many moves at once, in their order; a command may take several. All are locked."""
    if not steps:
        return
    await save_commands(work.db, {each.after.command_id: each.after for each in steps}.values())
    await append_histories(work.db, [_line(each) for each in steps])
    for each in steps:
        state, to = CommandState(each.before.state), CommandState(each.after.state)
        if state is CommandState.QUEUED and to in TERMINAL:
            await work.withdraw(str(each.after.command_id))
        tell(
            work.by(each.actor),
            each.after,
            kind=f"command_{to}",
            from_state=state,
            reason=each.reason,
        )


def _line(taken: Step) -> NewLine:
    heard = taken.heard
    return NewLine(
        command_id=taken.after.command_id,
        state=CommandState(taken.after.state),
        at=taken.at,
        reason=taken.reason,
        device_at=heard.at if heard else None,
        rev=heard.rev if heard else None,
        result=heard.result if heard else None,
    )


def tell(
    work: UnitOfWork,
    row: CommandRow,
    *,
    kind: str,
    from_state: CommandState | None,
    reason: str | None,
) -> None:
    """Note what happened to a command; its case hears of beginning, acceptance and end."""
    to_state = CommandState(row.state)
    data: dict[str, JsonValue] = {
        "command_id": str(row.command_id),
        "device_id": row.device_id,
        "type": row.type,
        "case_id": row.case_id,
        "rev": row.rev,
        "state": row.state,
    }
    if row.result is not None:
        data["result"] = row.result
    entry = NewEntry(
        Subject.COMMAND,
        str(row.command_id),
        kind,
        work.actor,
        work.now,
        event=kind,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        data=data,
    )
    work.record(entry)
    if row.case_id is not None and (from_state is None or to_state in _TELLS_THE_CASE):
        # Without states: those of a case's entries are the case's own, and replay follows them.
        work.record(
            replace(
                entry,
                subject=Subject.CASE,
                subject_id=str(row.case_id),
                event=None,
                from_state=None,
                to_state=None,
            )
        )


def _after(
    row: CommandRow, to: CommandState, at: datetime, reason: str | None, heard: Heard | None
) -> CommandRow:
    """The row after a move: what the device skipped has happened by now."""
    delivered_at, accepted_at = row.delivered_at, row.accepted_at
    if heard is not None and to is not CommandState.EXPIRED:
        delivered_at = delivered_at or at
        if to in _TAKEN_ON and row.accept_within_s is not None:
            accepted_at = accepted_at or at
    moved = replace(
        row,
        state=str(to),
        rev=row.rev if heard is None else heard.rev,
        sent_at=at if to is CommandState.SENT else row.sent_at,
        delivered_at=delivered_at,
        accepted_at=accepted_at,
        finished_at=at if to in TERMINAL else row.finished_at,
        reason=reason or row.reason,
        result=heard.result if heard and heard.result else row.result,
    )
    return replace(moved, timer_at=_timer(moved, at))


_TAKEN_ON = {CommandState.ACCEPTED, CommandState.IN_PROGRESS, CommandState.SUCCEEDED}


def _timer(row: CommandRow, at: datetime) -> datetime | None:
    state = CommandState(row.state)
    if state in TERMINAL:
        return None
    return timer_at(
        state,
        row.accepted_at or row.delivered_at or at,
        expires_at=row.expires_at,
        accept_s=row.accept_within_s,
        finish_s=row.finish_within_s,
    )
