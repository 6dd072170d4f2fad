"""How sessions end: by hand, by time, by the terminal, or because the picture is gone."""

from uuid import UUID

import structlog

from hub.commands.command import ACTIVE, UNDELIVERED, CommandState, MovedBy
from hub.commands.issuing import NewCommand, issue
from hub.commands.moving import move
from hub.commands.store import locked
from hub.errors import GuardRefused
from hub.journal.unit_of_work import UnitOfWork
from hub.video.entries import note
from hub.video.session import EndedBy, SessionEnd, SessionState, ending
from hub.video.store import SQL, LockedSession, lock_open_sessions
from wire.messages import CommandType
from wire.messages.commands import VideoStopBody

log = structlog.get_logger()

_SAID_BY_DEVICE = frozenset({CommandState.SUCCEEDED, CommandState.FAILED, CommandState.REJECTED})


async def run_timers(work: UnitOfWork) -> int:
    """End what is due; returns how many sessions that were."""
    work = work.by("system:video")
    due: dict[UUID, tuple[LockedSession, SessionEnd]] = {}
    for session, facts in await lock_open_sessions(work.db):
        if found := ending(facts, work.now):
            due[session.session_id] = (session, found)

    async def end(row: tuple[LockedSession, SessionEnd]) -> None:
        await end_in(work, row[0], row[1].to, row[1].by, None)

    return await work.each("session_id", due, end)


async def end_in(
    work: UnitOfWork, session: LockedSession, to: SessionState, by: EndedBy, reason: str | None
) -> None:
    """End a locked session as a part of a greater use case: grants, views, the terminal's order."""
    key = {"session_id": session.session_id, "now": work.now}
    await work.db.execute(SQL["end_session"], key | {"state": str(to), "reason": str(by)})
    await work.db.execute(SQL["revoke_grants"], key)
    views = await (await work.db.execute(SQL["end_views"], key)).fetchall()
    await _stop_terminal(work, session, by)
    for view_id, username in views:
        viewer = work.by(f"user:{username}")
        note(viewer, session.session_id, "view_ended", view_id=str(view_id))
    note(
        work,
        session.session_id,
        f"video_{to}",
        case_id=session.case_id,
        from_state=session.state,
        to_state=to,
        reason=reason or by,
        device_id=session.device_id,
        ended_by=by,
    )
    log.info("video_ended", session_id=str(session.session_id), by=by, state=to)


async def supersede_in(work: UnitOfWork, session: LockedSession, why: str) -> None:
    """Another order takes the place of the session's own."""
    row = None if session.command_id is None else await locked(work.db, session.command_id)
    if row is not None and row.state in ACTIVE:
        await move(work, row, CommandState.SUPERSEDED, by=MovedBy.HUB, reason=why)


async def _stop_terminal(work: UnitOfWork, session: LockedSession, why: EndedBy) -> None:
    """Tell the terminal to stop, unless it said itself that it has, or never had the order."""
    row = None if session.command_id is None else await locked(work.db, session.command_id)
    if row is None or why is EndedBy.TERMINAL or row.state in _SAID_BY_DEVICE:
        return
    if row.state in UNDELIVERED:
        await move(work, row, CommandState.CANCELLED, by=MovedBy.HUB, reason=why)
        if row.state != CommandState.SENT:
            return
    elif row.delivered_at is None and session.state is not SessionState.LIVE:
        return
    stop = NewCommand(
        device_id=session.device_id,
        type=CommandType.VIDEO_STOP,
        body=VideoStopBody(session_id=str(session.session_id)),
        case_id=session.case_id,
        reason=why,
        priority=row.priority,
    )
    try:
        await issue(work, stop)
    except GuardRefused:
        # It is offline, and its token is void when it comes back.
        log.info("terminal_not_told", session_id=str(session.session_id))
