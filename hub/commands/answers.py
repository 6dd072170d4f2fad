"""What comes back: the broker's receipt, the device's acks, and a device that is there again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from hub.commands.command import Answer, CommandState, Late, Move, Mover, decide
from hub.commands.issuing import send_again
from hub.commands.limits import LIMITS
from hub.commands.moving import Heard, move
from hub.commands.store import (
    SQL,
    CommandRow,
    Recipient,
    append_history,
    locked,
    recipient,
    select_locked,
)
from hub.errors import Forbidden
from hub.evidence import place_photos
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import Ack, CommandType

log = structlog.get_logger()


async def mark_sent(work: UnitOfWork, command_ids: Sequence[str]) -> None:
    """The broker has taken these orders. It says nothing of the devices."""
    work = work.by("system:outbox")
    for row in await select_locked(
        work.db, "lock_commands", ([UUID(each) for each in command_ids],)
    ):
        if row.state == CommandState.QUEUED:
            await move(work, row, CommandState.SENT, by=Mover.HUB)


async def take_ack(
    work: UnitOfWork, device_id: str, ack: Ack, received_at: datetime
) -> CommandRow | None:
    """Let a device's answer count, or keep it if it comes too late; a repeat changes nothing.

    Returns the command as it is after an answer that counted. Raises NotFound for a command that
    doesn't exist, Forbidden for another device's.
    """
    row = await locked(work.db, ack.command_id)
    if row.device_id != device_id:
        raise Forbidden(
            f"command {ack.command_id} is not for {device_id}",
            device_id=device_id,
            command_id=ack.command_id,
        )
    work = work.by(f"device:{device_id}")
    result = ack.result.model_dump(mode="json", exclude_none=True) if ack.result else None
    if ack.result and ack.result.place:
        lon, lat = ack.result.place.wgs84()
        await place_photos(
            work.db, ack.result.evidence, device_id, lon, lat, min(ack.at, received_at)
        )
    heard = Heard(ack.rev, ack.at, received_at, result)
    match decide(CommandState(row.state), row.rev, Answer(ack.state, ack.rev)):
        case Move(to):
            return await _count(work, row, to, ack.reason, heard)
        case Late(why):
            await _keep(work, row, ack, heard, why)
        case _:
            log.info("ack_repeated", command_id=ack.command_id, rev=ack.rev)
    return None


async def _count(
    work: UnitOfWork, row: CommandRow, to: CommandState, reason: str | None, heard: Heard
) -> CommandRow:
    moved = await move(work, row, to, by=Mover.DEVICE, reason=reason, heard=heard)
    if to is LIMITS[CommandType(row.type)].done_at and to is not CommandState.SUCCEEDED:
        return await move(work, moved, CommandState.SUCCEEDED, by=Mover.HUB)
    return moved


async def _keep(work: UnitOfWork, row: CommandRow, ack: Ack, heard: Heard, why: str) -> None:
    parameters = (row.command_id, ack.rev, str(ack.state))
    if await (await work.db.execute(SQL["heard_before"], parameters)).fetchone():
        return
    await append_history(
        work.db,
        row.command_id,
        CommandState(ack.state),
        heard.received_at,
        device_at=heard.at,
        rev=heard.rev,
        reason=f"{why}; {ack.reason}" if ack.reason else why,
        result=heard.result,
        counted=False,
    )
    log.info("late_ack_kept", command_id=ack.command_id, state=ack.state, rev=ack.rev, why=why)


async def announce(work: UnitOfWork, device_ids: Sequence[str]) -> int:
    """Devices came back: send them again what they haven't confirmed and what is still valid.

    Returns how many orders go out.
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
        moved = await move(work, row, CommandState.QUEUED, by=Mover.HUB, reason="device_came_back")
        await send_again(work, moved, to)
    return len(waiting)
