"""The use cases of video: ask for it, watch it, lengthen it, end it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation

from hub.cases.case_facts import case_facts
from hub.commands.issuing import NewCommand, issue
from hub.commands.store import CommandRow
from hub.db import Connection
from hub.devices import Device, device_by_id
from hub.errors import Conflict, GuardRefused, InvalidInput, NotFound
from hub.journal.unit_of_work import UnitOfWork
from hub.video.addresses import Addresses
from hub.video.ending import end_in, run_timers, supersede_in
from hub.video.entries import about
from hub.video.grants import ViewGrant, check_grant, grant_publish, grant_view
from hub.video.session import DEFAULT_S, MAX_S, OPEN, REQUEST, EndedBy, SessionState
from hub.video.store import (
    SQL,
    VideoSession,
    list_sessions,
    locked_session,
    session_by_id,
    sessions_of_case,
)
from wire.messages import Capability, CommandType
from wire.messages.commands import VideoStartBody

__all__ = [
    "ViewGrant",
    "check_grant",
    "end_session",
    "grant_view",
    "list_sessions",
    "renew_session",
    "request_session",
    "run_timers",
    "session_by_id",
    "sessions_of_case",
]

PRIORITY = 6


async def request_session(
    work: UnitOfWork,
    device_id: str,
    case_id: int | None,
    reason: str | None,
    max_s: int | None,
    addresses: Addresses,
) -> VideoSession:
    """Ask a terminal for its picture, for a case or for a stated reason.

    Raises NotFound, InvalidInput (neither case nor reason; a length that isn't 1..1800 s),
    GuardRefused (the terminal is offline, or has no video), Conflict (it shows video already).
    """
    if case_id is None and not reason:
        raise InvalidInput("a video needs a case, or a reason", field="reason")
    length_s = _length(max_s)
    device = await _with_video(work.db, device_id)
    why = reason or ""
    if case_id is not None:
        facts = await case_facts(work.db, case_id)
        why = reason or f"case {facts.case_no}"
    session_id = await _insert(work, device, case_id, why, length_s)
    order = await _order(work, session_id, device_id, case_id, reason, length_s, addresses)
    work.record(
        about(
            session_id,
            "video_requested",
            work.actor,
            work.now,
            case_id=case_id,
            to_state=SessionState.REQUESTED,
            reason=reason,
            device_id=device_id,
            command_id=str(order.command_id),
            max_s=length_s,
        )
    )
    return await session_by_id(work.db, session_id)


async def renew_session(
    work: UnitOfWork, session_id: UUID | str, max_s: int | None, addresses: Addresses
) -> VideoSession:
    """Let an open session go on for so long from now; the terminal gets a new order, and whoever
    watches goes on watching. Raises NotFound, InvalidInput, GuardRefused.
    """
    length_s = _length(max_s)
    session = await locked_session(work.db, session_id)
    if session.state not in OPEN:
        raise GuardRefused("this video is over; ask for a new one", guard="session_open")
    await supersede_in(work, session, "lengthened")
    order = await _order(
        work, session.session_id, session.device_id, session.case_id, None, length_s, addresses
    )
    work.record(
        about(
            session.session_id,
            "video_renewed",
            work.actor,
            work.now,
            case_id=session.case_id,
            command_id=str(order.command_id),
            max_s=length_s,
        )
    )
    return await session_by_id(work.db, session_id)


async def end_session(work: UnitOfWork, session_id: UUID | str, reason: str | None) -> VideoSession:
    """End a session: no token is good any more, and the relay lets go of terminal and viewers.

    A session that has ended stays as it is. Raises NotFound.
    """
    session = await locked_session(work.db, session_id)
    if session.state in OPEN:
        await end_in(work, session, SessionState.ENDED, EndedBy.OPERATOR, reason)
    return await session_by_id(work.db, session_id)


async def begin_view(work: UnitOfWork, session_id: UUID, view_id: UUID, username: str) -> None:
    """Somebody watches from now on."""
    work = work.by(f"user:{username}")
    await work.db.execute(SQL["insert_view"], (view_id, session_id, username, work.now))
    work.record(about(session_id, "view_started", work.actor, work.now, view_id=str(view_id)))


async def end_view(work: UnitOfWork, view_id: UUID) -> None:
    """Somebody has stopped watching; a view that has ended stays as it is."""
    cursor = await work.db.execute(SQL["end_view"], {"view_id": view_id, "now": work.now})
    row = await cursor.fetchone()
    if row is None:
        return
    work = work.by(f"user:{row[1]}")
    work.record(about(row[0], "view_ended", work.actor, work.now, view_id=str(view_id)))


async def note_frame(work: UnitOfWork, session_id: UUID, last_frame_at: datetime) -> None:
    """The relay has a picture: the first makes the session live."""
    work = work.by("system:relay")
    values = {"session_id": session_id, "last_frame_at": last_frame_at, "now": work.now}
    if (await work.db.execute(SQL["go_live"], values)).rowcount:
        session = await session_by_id(work.db, session_id)
        entry = about(
            session_id,
            "video_live",
            work.actor,
            work.now,
            case_id=session.case_id,
            from_state=SessionState.REQUESTED,
            to_state=SessionState.LIVE,
            device_id=session.device_id,
        )
        work.record(entry)
    else:
        await work.db.execute(SQL["note_frame"], values)


def _length(max_s: int | None) -> int:
    length_s = DEFAULT_S if max_s is None else max_s
    if not 1 <= length_s <= MAX_S:
        raise InvalidInput(f"a video lasts 1 to {MAX_S} s; it can be lengthened", field="max_s")
    return length_s


async def _with_video(db: Connection, device_id: str) -> Device:
    device = await device_by_id(db, device_id)
    if device is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    if Capability.VIDEO not in device.capabilities:
        raise GuardRefused(f"{device_id} cannot send video; ask for a snapshot", guard="has_video")
    return device


async def _insert(
    work: UnitOfWork, device: Device, case_id: int | None, reason: str, length_s: int
) -> UUID:
    session_id = uuid4()
    values = {
        "session_id": session_id,
        "device_id": device.device_id,
        "case_id": case_id,
        "reason": reason,
        "created_by": work.actor,
        "created_at": work.now,
        "first_frame_by": work.now + REQUEST,
        "ends_at": work.now + timedelta(seconds=length_s),
    }
    try:
        async with work.db.transaction():
            await work.db.execute(SQL["insert_session"], values)
    except UniqueViolation as error:
        raise Conflict(
            f"{device.device_id} is showing video already; watch that session, or end it",
            device_id=device.device_id,
        ) from error
    return session_id


async def _order(
    work: UnitOfWork,
    session_id: UUID,
    device_id: str,
    case_id: int | None,
    reason: str | None,
    length_s: int,
    addresses: Addresses,
) -> CommandRow:
    """The terminal's order; the session ends with the time that it allows."""
    token = await grant_publish(work.db, session_id, work.now)
    body = VideoStartBody(
        session_id=str(session_id),
        whip_url=addresses.whip_url(session_id),
        token=token,
        max_s=length_s,
    )
    new = NewCommand(
        device_id=device_id,
        type=CommandType.VIDEO_START,
        body=body,
        case_id=case_id,
        reason=reason,
        priority=PRIORITY,
        finish_within_s=length_s + 60.0,
    )
    row = await issue(work, new)
    ends_at = work.now + timedelta(seconds=length_s)
    await work.db.execute(
        SQL["set_command"],
        {"session_id": session_id, "command_id": row.command_id, "ends_at": ends_at},
    )
    return row
