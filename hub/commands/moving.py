"""Move a command: row and history at once, the journals of command and case when the work is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from hub.commands.command import FINAL, CommandState, MovedBy, may_move
from hub.commands.limits import timer_at
from hub.commands.store import CommandRow, NewHistoryLine, append_histories, save_commands
from hub.errors import IllegalTransition
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

_TELLS_THE_CASE = FINAL | {CommandState.ACCEPTED}


@dataclass(frozen=True, slots=True)
class AckDetails:
    """The content of a device's ack apart from its state; `at` is by the device's clock."""

    rev: int
    at: datetime
    received_at: datetime
    result: dict[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class CommandMove:
    """A move that is allowed: the command before and after it, and who moved it."""

    before: CommandRow
    after: CommandRow
    actor: str
    at: datetime
    reason: str | None
    ack: AckDetails | None


def checked_move(
    work: UnitOfWork,
    row: CommandRow,
    to: CommandState,
    *,
    by: MovedBy,
    reason: str | None = None,
    ack: AckDetails | None = None,
) -> CommandMove:
    """A move of a command to another state. Raises IllegalTransition."""
    if not may_move(by, row.state, to):
        raise IllegalTransition(
            f"a command that is {row.state} cannot become {to}", state=row.state, to=to, by=by
        )
    at = ack.received_at if ack else work.now
    return CommandMove(row, _after(row, to, at, reason, ack), work.actor, at, reason, ack)


async def move(
    work: UnitOfWork,
    row: CommandRow,
    to: CommandState,
    *,
    by: MovedBy,
    reason: str | None = None,
    ack: AckDetails | None = None,
) -> CommandRow:
    """The row as it is after the move. The caller has locked it. Raises IllegalTransition."""
    checked = checked_move(work, row, to, by=by, reason=reason, ack=ack)
    await write_moves(work, [checked])
    return checked.after


async def write_moves(work: UnitOfWork, moves: Sequence[CommandMove]) -> None:
    """Write many moves at once, in their order; a command may take several. All are locked."""
    if not moves:
        return
    await save_commands(work.db, {each.after.command_id: each.after for each in moves}.values())
    await append_histories(work.db, [_line(each) for each in moves])
    for each in moves:
        state, to = each.before.state, each.after.state
        if state is CommandState.QUEUED and to in FINAL:
            await work.withdraw(str(each.after.command_id))
        tell(
            work.by(each.actor),
            each.after,
            kind=f"command_{to}",
            from_state=state,
            reason=each.reason,
        )


def _line(made: CommandMove) -> NewHistoryLine:
    ack = made.ack
    return NewHistoryLine(
        command_id=made.after.command_id,
        state=made.after.state,
        at=made.at,
        reason=made.reason,
        device_at=ack.at if ack else None,
        rev=ack.rev if ack else None,
        result=ack.result if ack else None,
    )


def tell(
    work: UnitOfWork,
    row: CommandRow,
    *,
    kind: str,
    from_state: CommandState | None,
    reason: str | None,
) -> None:
    """Journal what happened to a command; its start, acceptance and end go to its case's journal, too."""
    entry = NewEntry(
        Subject.COMMAND,
        str(row.command_id),
        kind,
        work.actor,
        work.now,
        event=kind,
        from_state=from_state,
        to_state=row.state,
        reason=reason,
        data=_facts(row),
    )
    work.record(entry)
    if row.case_id is not None and (from_state is None or row.state in _TELLS_THE_CASE):
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


def _facts(row: CommandRow) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "command_id": str(row.command_id),
        "device_id": row.device_id,
        "type": str(row.type),
        "case_id": row.case_id,
        "rev": row.rev,
        "state": str(row.state),
    }
    return facts if row.result is None else facts | {"result": row.result}


def _after(
    row: CommandRow, to: CommandState, at: datetime, reason: str | None, ack: AckDetails | None
) -> CommandRow:
    """The row after a move; states that the device skipped count as passed."""
    delivered_at, accepted_at = row.delivered_at, row.accepted_at
    if ack is not None and to is not CommandState.EXPIRED:
        delivered_at = delivered_at or at
        if to in _TAKEN_ON or (to is CommandState.SUCCEEDED and row.accept_within_s is not None):
            accepted_at = accepted_at or at
    moved = replace(
        row,
        state=to,
        rev=row.rev if ack is None else ack.rev,
        sent_at=at if to is CommandState.SENT else row.sent_at,
        delivered_at=delivered_at,
        accepted_at=accepted_at,
        finished_at=at if to in FINAL else row.finished_at,
        reason=reason or row.reason,
        result=ack.result if ack and ack.result else row.result,
    )
    return replace(moved, timer_at=_timer(moved, at))


_TAKEN_ON = {CommandState.ACCEPTED, CommandState.IN_PROGRESS}


def _timer(row: CommandRow, at: datetime) -> datetime | None:
    if row.state in FINAL:
        return None
    return timer_at(
        row.state,
        row.accepted_at or row.delivered_at or at,
        expires_at=row.expires_at,
        accept_s=row.accept_within_s,
        finish_s=row.finish_within_s,
    )
