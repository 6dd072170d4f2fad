"""Video sessions and grants in PostgreSQL."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.commands.command import CommandState
from hub.db import Connection, load_queries, record_row
from hub.errors import NotFound
from hub.video.session import EndedBy, MediaDirection, SessionFacts, SessionState

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class VideoSession:
    """A session for people; `viewers` counts those who watch at this moment."""

    session_id: UUID
    device_id: str
    case_id: int | None
    reason: str
    state: SessionState
    command_id: UUID | None
    created_at: datetime
    live_at: datetime | None
    ended_at: datetime | None
    ends_at: datetime
    ended_reason: EndedBy | None
    viewers: int


@dataclass(frozen=True, slots=True)
class LockedSession:
    """The parts of a session that changes depend on; its row is locked until the transaction's end."""

    session_id: UUID
    device_id: str
    case_id: int | None
    state: SessionState
    command_id: UUID | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant with the present state of its session."""

    session_id: UUID
    direction: MediaDirection
    username: str | None
    login: str | None
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    state: SessionState
    ends_at: datetime


async def session_by_id(db: Connection, session_id: UUID | str) -> VideoSession:
    """Raises NotFound."""
    found = await _select(db, session_id=session_id, case_id=None, limit=1)
    if not found:
        raise NotFound(f"there is no video session {session_id}", session_id=str(session_id))
    return found[0]


async def list_sessions(
    db: Connection,
    case_id: int | None = None,
    limit: int = 100,
    scope: Scope = WHOLE_DISTRICT,
) -> list[VideoSession]:
    """The newest first, of a case or of all."""
    return await _select(db, session_id=None, case_id=case_id, limit=limit, scope=scope)


async def sessions_of_case(db: Connection, case_id: int) -> list[VideoSession]:
    return await list_sessions(db, case_id)


async def _select(
    db: Connection,
    *,
    session_id: UUID | str | None,
    case_id: int | None,
    limit: int,
    scope: Scope = WHOLE_DISTRICT,
) -> list[VideoSession]:
    async with db.cursor(row_factory=record_row(VideoSession)) as cursor:
        wanted = {"session_id": session_id, "case_id": case_id, "limit": limit}
        await cursor.execute(SQL["sessions"], wanted | scope.facts)
        return await cursor.fetchall()


async def locked_session(db: Connection, session_id: UUID | str) -> LockedSession:
    """Raises NotFound."""
    async with db.cursor(row_factory=record_row(LockedSession)) as cursor:
        await cursor.execute(SQL["lock_session"], (session_id,))
        found = await cursor.fetchone()
    if found is None:
        raise NotFound(f"there is no video session {session_id}", session_id=str(session_id))
    return found


async def lock_open_sessions(db: Connection) -> list[tuple[LockedSession, SessionFacts]]:
    """The sessions that go on, locked, but for those that somebody else has locked."""
    cursor = await db.execute(SQL["lock_open_sessions"])
    found = []
    for row in await cursor.fetchall():
        session_id, device_id, case_id, state_text, command_id, ends_at, *seen = row
        first_frame_by, last_frame_at, command_state, accepted_at = seen
        state = SessionState(state_text)
        session = LockedSession(session_id, device_id, case_id, state, command_id, ends_at)
        facts = SessionFacts(
            state=state,
            ends_at=ends_at,
            first_frame_by=first_frame_by,
            last_frame_at=last_frame_at,
            command_state=None if command_state is None else CommandState(command_state),
            accepted_at=accepted_at,
        )
        found.append((session, facts))
    return found


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A token that is good for one direction of a session; a terminal's has no account and log-in."""

    token_hash: str
    session_id: UUID
    direction: MediaDirection
    username: str | None
    login: str | None
    granted_at: datetime
    expires_at: datetime


async def insert_grant(db: Connection, grant: NewGrant) -> None:
    await db.execute(SQL["insert_grant"], asdict(grant))


async def grant_by_hash(db: Connection, token_hash: str) -> StoredGrant | None:
    async with db.cursor(row_factory=record_row(StoredGrant)) as cursor:
        await cursor.execute(SQL["grant"], (token_hash,))
        return await cursor.fetchone()
