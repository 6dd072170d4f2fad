"""How sessions end: by hand, by time, by the terminal, or because the picture is gone."""

from uuid import UUID

import structlog

from hub.commands.command import ACTIVE, UNDELIVERED, CommandState, Mover
from hub.commands.issuing import NewCommand, issue
from hub.commands.moving import move
from hub.commands.store import CommandRow, locked
from hub.errors import GuardRefused
from hub.journal.unit_of_work import UnitOfWork
from hub.video.entries import about
from hub.video.session import EndedBy, Ending, Facts, SessionState, ending
from hub.video.store import SQL, LockedSession
from wire.messages import CommandType
from wire.messages.commands import VideoStopBody

log = structlog.get_logger()


async def run_timers(work: UnitOfWork) -> int:
    """End what is due; returns how many sessions that were."""
    work = work.by("system:video")
    due: dict[UUID, tuple[LockedSession, Ending]] = {}
    for row in await (await work.db.execute(SQL["lock_open_sessions"])).fetchall():
        *session_values, first_frame_by, last_frame_at, command_state, accepted_at = row
        session = LockedSession(*session_values)
        facts = Facts(
            state=SessionState(session.state),
            ends_at=session.ends_at,
            first_frame_by=first_frame_by,
            last_frame_at=last_frame_at,
            command_state=None if command_state is None else CommandState(command_state),
            accepted_at=accepted_at,
        )
        if found := ending(facts, work.now):
            due[session.session_id] = (session, found)

    async def end(row: tuple[LockedSession, Ending]) -> None:
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
    work.record(
        *[
            about(
                session.session_id, "view_ended", f"user:{username}", work.now, view_id=str(view_id)
            )
            for view_id, username in views
        ]
    )
    work.record(
        about(
            session.session_id,
            f"video_{to}",
            work.actor,
            work.now,
            case_id=session.case_id,
            from_state=session.state,
            to_state=to,
            reason=reason or by,
            device_id=session.device_id,
            ended_by=by,
        )
    )
    log.info("video_ended", session_id=str(session.session_id), by=by, state=to)


async def supersede_in(work: UnitOfWork, session: LockedSession, why: str) -> None:
    """Another order takes the place of the session's own."""
    row = await _active_order(work, session.command_id)
    if row is not None:
        await move(work, row, CommandState.SUPERSEDED, by=Mover.HUB, reason=why)


async def _stop_terminal(work: UnitOfWork, session: LockedSession, why: EndedBy) -> None:
    row = await _active_order(work, session.command_id)
    if row is None:
        return
    if row.state in UNDELIVERED:
        await move(work, row, CommandState.CANCELLED, by=Mover.HUB, reason=why)
        if row.state != CommandState.SENT:
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
        # It is offline; should it come back, its token is worth nothing any more.
        log.info("terminal_not_told", session_id=str(session.session_id))


async def _active_order(work: UnitOfWork, command_id: UUID | None) -> CommandRow | None:
    if command_id is None:
        return None
    row = await locked(work.db, command_id)
    return row if row.state in ACTIVE else None
