"""The use cases of video: ask for it, watch it, lengthen it, end it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hub.cases.case_facts import CaseFacts, case_facts
from hub.commands.issuing import NewCommand, issue
from hub.commands.store import CommandRow
from hub.db import Connection
from hub.devices import device_by_id
from hub.errors import Conflict, GuardRefused, InvalidInput, NotFound
from hub.journal.unit_of_work import UnitOfWork
from hub.video.addresses import Addresses
from hub.video.ending import end_in, run_timers, supersede_in
from hub.video.entries import note
from hub.video.grants import (
    Granted,
    ViewerLogin,
    ViewGrant,
    check_grant,
    grant_publish,
    grant_view,
    use_grant,
)
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
    "NewSession",
    "ViewGrant",
    "ViewerLogin",
    "begin_view",
    "check_grant",
    "end_session",
    "grant_view",
    "hang_up",
    "list_sessions",
    "renew_session",
    "request_session",
    "run_timers",
    "session_by_id",
    "sessions_of_case",
]

PRIORITY = 6


@dataclass(frozen=True, slots=True)
class NewSession:
    """A picture that is asked for, of a case or for a stated reason; `max_s` None: ten minutes."""

    device_id: str
    case_id: int | None = None
    reason: str | None = None
    max_s: int | None = None


async def request_session(work: UnitOfWork, new: NewSession, addresses: Addresses) -> VideoSession:
    """Ask a terminal for its picture.

    Raises NotFound, InvalidInput (neither case nor reason; a length that isn't 1..1800 s),
    GuardRefused (the terminal is offline, or has no video), Conflict (it shows video already).
    """
    if new.case_id is None and not new.reason:
        raise InvalidInput("a video needs a case, or a reason", field="reason")
    length_s = _length(new.max_s)
    await _check_has_video(work.db, new.device_id)
    facts = None if new.case_id is None else await case_facts(work.db, new.case_id)
    why = new.reason or (f"case {facts.case_no}" if facts else "")
    session_id = await _insert(work, new, why, length_s)
    start = _Start(session_id, new.device_id, new.case_id, length_s, new.reason)
    order = await _order(work, start, addresses, facts)
    note(
        work,
        session_id,
        "video_requested",
        case_id=new.case_id,
        to_state=SessionState.REQUESTED,
        reason=new.reason,
        device_id=new.device_id,
        command_id=str(order.command_id),
        max_s=length_s,
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
    start = _Start(session.session_id, session.device_id, session.case_id, length_s)
    order = await _order(work, start, addresses)
    note(
        work,
        session.session_id,
        "video_renewed",
        case_id=session.case_id,
        command_id=str(order.command_id),
        max_s=length_s,
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


async def hang_up(work: UnitOfWork, session_id: UUID) -> None:
    """The terminal stopped publishing of its own accord, whatever its order says. Raises NotFound."""
    session = await locked_session(work.db, session_id)
    if session.state in OPEN:
        live = session.state is SessionState.LIVE
        to = SessionState.ENDED if live else SessionState.FAILED
        await end_in(work.by(f"device:{session.device_id}"), session, to, EndedBy.TERMINAL, None)


async def begin_view(work: UnitOfWork, granted: Granted, view_id: UUID) -> None:
    """Somebody watches from now on, and the token is used up. Raises Unauthenticated if it was."""
    viewer, session_id = granted.viewer, granted.session_id
    assert viewer is not None
    await use_grant(work.db, granted, work.now)
    facts = (view_id, session_id, viewer.username, viewer.login, work.now)
    await work.db.execute(SQL["insert_view"], facts)
    note(work.by(f"user:{viewer.username}"), session_id, "view_started", view_id=str(view_id))


async def end_view(work: UnitOfWork, view_id: UUID) -> None:
    """Somebody has stopped watching; a view that has ended stays as it is."""
    cursor = await work.db.execute(SQL["end_view"], {"view_id": view_id, "now": work.now})
    row = await cursor.fetchone()
    if row is None:
        return
    work = work.by(f"user:{row[1]}")
    note(work, row[0], "view_ended", view_id=str(view_id))


async def note_frame(work: UnitOfWork, session_id: UUID, last_frame_at: datetime) -> None:
    """The relay has a picture: the first makes the session live."""
    work = work.by("system:relay")
    values = {"session_id": session_id, "last_frame_at": last_frame_at, "now": work.now}
    if (await work.db.execute(SQL["go_live"], values)).rowcount:
        session = await session_by_id(work.db, session_id)
        note(
            work,
            session_id,
            "video_live",
            case_id=session.case_id,
            from_state=SessionState.REQUESTED,
            to_state=SessionState.LIVE,
            device_id=session.device_id,
        )
    else:
        await work.db.execute(SQL["note_frame"], values)


def _length(max_s: int | None) -> int:
    length_s = DEFAULT_S if max_s is None else max_s
    if not 1 <= length_s <= MAX_S:
        raise InvalidInput(f"a video lasts 1 to {MAX_S} s; it can be lengthened", field="max_s")
    return length_s


async def _check_has_video(db: Connection, device_id: str) -> None:
    device = await device_by_id(db, device_id)
    if device is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    if Capability.VIDEO not in device.capabilities:
        raise GuardRefused(f"{device_id} cannot send video; ask for a snapshot", guard="has_video")


async def _insert(work: UnitOfWork, new: NewSession, reason: str, length_s: int) -> UUID:
    session_id = uuid4()
    values = {
        "session_id": session_id,
        "device_id": new.device_id,
        "case_id": new.case_id,
        "reason": reason,
        "created_by": work.actor,
        "created_at": work.now,
        "first_frame_by": work.now + REQUEST,
        "ends_at": work.now + timedelta(seconds=length_s),
    }
    if await (await work.db.execute(SQL["insert_session"], values)).fetchone() is None:
        raise Conflict(
            f"{new.device_id} is showing video already; watch that session, or end it",
            device_id=new.device_id,
        )
    return session_id


@dataclass(frozen=True, slots=True)
class _Start:
    """A session that its terminal is to begin, or to go on with."""

    session_id: UUID
    device_id: str
    case_id: int | None
    length_s: int
    reason: str | None = None


async def _order(
    work: UnitOfWork, start: _Start, addresses: Addresses, facts: CaseFacts | None = None
) -> CommandRow:
    """The terminal's order; the session ends with the time that it allows."""
    body = VideoStartBody(
        session_id=str(start.session_id),
        whip_url=addresses.whip_url(start.session_id),
        token=await grant_publish(work.db, start.session_id, work.now),
        max_s=start.length_s,
    )
    new = NewCommand(
        device_id=start.device_id,
        type=CommandType.VIDEO_START,
        body=body,
        case_id=start.case_id,
        reason=start.reason,
        priority=PRIORITY,
        finish_within_s=start.length_s + 60.0,
    )
    row = await issue(work, new, facts)
    ends_at = work.now + timedelta(seconds=start.length_s)
    await work.db.execute(
        SQL["set_command"],
        {"session_id": start.session_id, "command_id": row.command_id, "ends_at": ends_at},
    )
    return row
