"""Answers to orders: the broker's receipt, a device's acks, and a device that is online again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from hub.commands.awaited_photos import AWAITED, lacking_photos
from hub.commands.command import AckCounts, AckTooLate, CommandState, MovedBy, NumberedAck, decide
from hub.commands.issuing import send_again
from hub.commands.moving import AckDetails, CommandMove, checked_move, move, write_moves
from hub.commands.store import (
    SQL,
    CommandRow,
    NewHistoryLine,
    Recipient,
    append_histories,
    recipient,
    select_locked,
)
from hub.errors import Forbidden, HubError, NotFound
from hub.evidence import place_photos
from hub.journal.unit_of_work import UnitOfWork
from wire.command_times import COMMAND_TIMES
from wire.messages import Ack

log = structlog.get_logger()

_READ = frozenset({CommandState.ACCEPTED, CommandState.IN_PROGRESS})


@dataclass(frozen=True, slots=True, eq=False)
class NewAck:
    """An ack of a device, as it was received."""

    device_id: str
    ack: Ack
    received_at: datetime


@dataclass(frozen=True, slots=True)
class AcksTaken:
    """The outcome of several acks: the commands that moved, as they are now, and the refused acks."""

    moved: tuple[CommandRow, ...]
    refused: Mapping[NewAck, HubError]


async def mark_sent(work: UnitOfWork, command_ids: Sequence[str]) -> None:
    """Note that the broker has taken these orders; their devices may not have them yet."""
    work = work.by("system:outbox")
    rows = await _locked(work, command_ids)
    await write_moves(
        work,
        [
            checked_move(work, row, CommandState.SENT, by=MovedBy.HUB)
            for row in rows.values()
            if row.state == CommandState.QUEUED
        ],
    )


async def take_acks(work: UnitOfWork, acks: Sequence[NewAck]) -> AcksTaken:
    """Let the acks of several devices move their commands; those that come too late are only kept.

    A repeat changes nothing. An ack of a command that doesn't exist (NotFound), or that is another
    device's (Forbidden), is refused and doesn't stop the others.
    """
    rows = await _locked(work, [new.ack.command_id for new in acks])
    moves: list[CommandMove] = []
    late: list[tuple[NewAck, str]] = []
    refused: dict[NewAck, HubError] = {}
    known = [
        (rows[UUID(new.ack.command_id)], new.ack)
        for new in acks
        if UUID(new.ack.command_id) in rows
    ]
    lacking = await lacking_photos(work.db, known)
    for new in acks:
        command_id = UUID(new.ack.command_id)
        if (error := _refusal(rows.get(command_id), new)) is not None:
            refused[new] = error
            continue
        await _place_photos(work, new)
        row = rows[command_id]
        match decide(row.state, row.rev, NumberedAck(new.ack.state, new.ack.rev)):
            case AckCounts(CommandState.SUCCEEDED) if command_id in lacking:
                moves.append(_awaiting_photo(work, row, new))
                rows[command_id] = moves[-1].after
            case AckCounts(to):
                moves += _moves(work, row, to, new)
                rows[command_id] = moves[-1].after
            case AckTooLate(why):
                late.append((new, why))
            case _:
                # Kept if its state was never heard under this number; a true repeat is dropped.
                late.append((new, f"answer number {new.ack.rev} was another one before"))
    await write_moves(work, moves)
    await _keep_late(work, late)
    moved = {each.after.command_id: each.after for each in moves}
    return AcksTaken(tuple(moved.values()), refused)


async def _locked(work: UnitOfWork, command_ids: Sequence[str]) -> dict[UUID, CommandRow]:
    """Lock all commands at once and in one order, so that there are no deadlocks."""
    wanted = ([UUID(each) for each in command_ids],)
    return {row.command_id: row for row in await select_locked(work.db, "lock_commands", wanted)}


def _refusal(row: CommandRow | None, new: NewAck) -> HubError | None:
    facts = {"command_id": new.ack.command_id}
    if row is None:
        return NotFound(f"there is no command {new.ack.command_id}", **facts)
    if row.device_id != new.device_id:
        return Forbidden(
            f"command {new.ack.command_id} is not for {new.device_id}",
            device_id=new.device_id,
            **facts,
        )
    return None


def _moves(work: UnitOfWork, row: CommandRow, to: CommandState, new: NewAck) -> list[CommandMove]:
    """The move that an ack means, and the one to success of a message that was read."""
    work = work.by(f"device:{new.device_id}")
    moves = [
        checked_move(work, row, to, by=MovedBy.DEVICE, reason=new.ack.reason, ack=_details(new))
    ]
    if COMMAND_TIMES[row.type].ends_when_read and to in _READ:
        moves.append(checked_move(work, moves[0].after, CommandState.SUCCEEDED, by=MovedBy.HUB))
    return moves


def _awaiting_photo(work: UnitOfWork, row: CommandRow, new: NewAck) -> CommandMove:
    to, device = CommandState.IN_PROGRESS, work.by(f"device:{new.device_id}")
    return checked_move(device, row, to, by=MovedBy.DEVICE, reason=AWAITED, ack=_details(new))


def _details(new: NewAck) -> AckDetails:
    result = new.ack.result
    said = result.model_dump(mode="json", exclude_none=True) if result else None
    return AckDetails(new.ack.rev, new.ack.at, new.received_at, said)


async def _place_photos(work: UnitOfWork, new: NewAck) -> None:
    result = new.ack.result
    if result and result.place:
        lon, lat = result.place.wgs84()
        seen_at = min(new.ack.at, new.received_at)
        await place_photos(work.db, result.evidence, new.device_id, lon, lat, seen_at)


async def _keep_late(work: UnitOfWork, late: Sequence[tuple[NewAck, str]]) -> None:
    """Keep acks that changed nothing, each once."""
    if not late:
        return
    keys = [(UUID(new.ack.command_id), new.ack.rev, str(new.ack.state)) for new, _ in late]
    columns = [list(column) for column in zip(*keys, strict=True)]
    cursor = await work.db.execute(SQL["heard_before"], columns)
    known = set(await cursor.fetchall())
    lines = []
    for key, (new, why) in zip(keys, late, strict=True):
        if key in known:
            continue
        ack, details = new.ack, _details(new)
        lines.append(
            NewHistoryLine(
                command_id=key[0],
                state=CommandState(ack.state),
                at=details.received_at,
                device_at=details.at,
                rev=details.rev,
                reason=f"{why}; {ack.reason}" if ack.reason else why,
                result=details.result,
                counted=False,
            )
        )
        log.info("late_ack_kept", command_id=ack.command_id, state=ack.state, rev=ack.rev, why=why)
    await append_histories(work.db, lines)


async def announce(work: UnitOfWork, device_ids: Sequence[str]) -> int:
    """Send devices that came back the orders that they haven't confirmed and that are still valid.

    Returns how many orders are sent.
    """
    if not device_ids:
        return 0
    work = work.by("system:dispatch")
    facts = {"device_ids": list(device_ids), "now": work.now}
    waiting = await select_locked(work.db, "undelivered_of_devices", facts)
    known: dict[str, Recipient] = {}
    for row in waiting:
        to = known.get(row.device_id) or await recipient(work.db, row.device_id)
        known[row.device_id] = to
        moved = await move(
            work, row, CommandState.QUEUED, by=MovedBy.HUB, reason="device_came_back"
        )
        send_again(work, moved, to)
    return len(waiting)
