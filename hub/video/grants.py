"""Permission to publish to a session or to watch it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.accounts.store import valid_sessions
from hub.accounts.tokens import new_token, token_hash
from hub.db import Connection
from hub.errors import Forbidden, GuardRefused, NotFound, Unauthenticated
from hub.video.addresses import Addresses
from hub.video.session import OPEN, START_WITHIN, MediaDirection
from hub.video.store import SQL, NewGrant, StoredGrant, grant_by_hash, insert_grant, locked_session


@dataclass(frozen=True, slots=True)
class ViewGrant:
    """`token` is shown only here, and is good for beginning to watch until `expires_at`."""

    session_id: UUID
    whep_url: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ViewerLogin:
    """Who may watch: an account, and the log-in (the hash of its token) with which it asked."""

    username: str
    login: str


@dataclass(frozen=True, slots=True)
class Granted:
    """Whose token it was; a terminal's has no viewer."""

    token_hash: str
    session_id: UUID
    viewer: ViewerLogin | None


async def grant_view(
    db: Connection, session_id: UUID | str, viewer: ViewerLogin, addresses: Addresses, now: datetime
) -> ViewGrant:
    """Let somebody watch a session, once. Raises NotFound, and GuardRefused if it has ended."""
    session = await locked_session(db, session_id)
    if session.state not in OPEN:
        raise GuardRefused(
            "this video is over; ask for a new one", guard="session_open", state=session.state
        )
    token, expires_at = new_token(), min(now + START_WITHIN, session.ends_at)
    await insert_grant(
        db,
        NewGrant(
            token_hash(token),
            session.session_id,
            MediaDirection.VIEW,
            viewer.username,
            viewer.login,
            now,
            expires_at,
        ),
    )
    whep_url = addresses.whep_url(session.session_id)
    return ViewGrant(session.session_id, whep_url, token, expires_at)


async def grant_publish(db: Connection, session_id: UUID, now: datetime) -> str:
    """A token for the terminal; earlier ones are void from now on."""
    await db.execute(SQL["revoke_publish_grants"], {"session_id": session_id, "now": now})
    token = new_token()
    await insert_grant(
        db,
        NewGrant(
            token_hash(token),
            session_id,
            MediaDirection.PUBLISH,
            None,
            None,
            now,
            now + START_WITHIN,
        ),
    )
    return token


async def check_grant(
    db: Connection, session_id: UUID | str, direction: MediaDirection, token: str, now: datetime
) -> Granted:
    """Let a token begin to publish or to watch.

    A publisher's first use makes it good until the session's end, so that a terminal that lost its
    line can come back. A viewer's is good for one view, and dies with the log-in that asked for it.
    Raises Unauthenticated (unknown, expired, revoked, used, logged out), Forbidden (another
    session's or direction's), NotFound (the session is over).
    """
    grant = await own_grant(db, session_id, direction, token)
    if grant.state not in OPEN or now >= grant.ends_at:
        raise NotFound("this video is over", session_id=str(session_id))
    if grant.revoked_at is not None or now >= grant.expires_at:
        raise Unauthenticated("this token has expired; ask for a new one")
    if direction is MediaDirection.PUBLISH:
        await db.execute(SQL["extend_grant"], (grant.ends_at, token_hash(token)))
        return Granted(token_hash(token), grant.session_id, None)
    if grant.used_at is not None:
        raise _used()
    login = grant.login or ""
    if not await valid_sessions(db, [login], now):
        raise Unauthenticated("whoever asked for this token has logged out; log in again")
    return Granted(token_hash(token), grant.session_id, ViewerLogin(grant.username or "", login))


async def use_grant(db: Connection, granted: Granted, now: datetime) -> None:
    """Take a viewer's token out of use. Raises Unauthenticated if somebody else was quicker."""
    used = {"token_hash": granted.token_hash, "now": now}
    if not (await db.execute(SQL["use_grant"], used)).rowcount:
        raise _used()


def _used() -> Unauthenticated:
    return Unauthenticated("this token has been used; ask for a new one")


async def own_grant(
    db: Connection, session_id: UUID | str, direction: MediaDirection, token: str
) -> StoredGrant:
    """The grant of a token, good or not any more; enough for hanging up. Raises Unauthenticated
    (unknown), Forbidden (another session's or direction's).
    """
    grant = await grant_by_hash(db, token_hash(token))
    if grant is None:
        raise Unauthenticated("this token is unknown; ask for a new one")
    if str(grant.session_id) != str(session_id) or grant.direction != direction:
        raise Forbidden("this token is for something else", direction=grant.direction)
    return grant
