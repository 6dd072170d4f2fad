"""Log in, log out, and the sessions in between."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import JsonValue

from hub.accounts import store
from hub.accounts.account import Session
from hub.accounts.hashing import Turn, hashing_queue
from hub.accounts.limits import wait_s
from hub.accounts.passwords import verify_password
from hub.accounts.record import record_account
from hub.accounts.store import Attempt, Credentials
from hub.accounts.tokens import new_token, token_hash
from hub.db import Connection, Pool
from hub.errors import TooManyRequests, Unauthenticated
from hub.http.address import neighbourhood
from hub.journal.unit_of_work import UnitOfWork, unit_of_work

log = structlog.get_logger()

SESSION_LENGTH = timedelta(hours=12)
DEVICE_LENGTH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a log-in comes from: the address, and the device's own token, if it has one."""

    address: str
    device: str | None = None
    idle: timedelta | None = None
    """After how long without use the session ends; None: never before its time."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session and its token, which is returned once and stored nowhere; so is the device's."""

    session: Session
    token: str
    device: str


async def log_in(
    pool: Pool, username: str, password: str, now: datetime, origin: Origin
) -> LoggedIn:
    """A new session. Raises Unauthenticated, or TooManyRequests after failures or in a crowd.

    An attempt counts as failed until it succeeds, so that parallel attempts cannot exceed the limit.
    No database connection is held while the password is verified, or waits for that.
    """
    async with pool.connection() as db:
        credentials = await store.credentials_of(db, username)
        attempt = await _attempt(db, username, credentials, origin)
        await _refuse_too_many(db, attempt, now)
    async with hashing_queue().place(_turn(credentials, attempt)):
        async with pool.connection() as db:
            await store.lock_attempts(db)
            await _refuse_too_many(db, attempt, now)
            await store.insert_failure(db, attempt, now)
        is_right = await verify_password(
            credentials.password_hash if credentials else None, password
        )
    if credentials is None or credentials.disabled or not is_right:
        await _note_failure(pool, attempt, credentials, origin, now)
        raise Unauthenticated("the user name or the password is wrong")
    return await _open_session(pool, credentials, attempt, origin, now)


async def _attempt(
    db: Connection, username: str, credentials: Credentials | None, origin: Origin
) -> Attempt:
    """An attempt under the account's name; under a keyed hash if there is none, as people mistype."""
    address = neighbourhood(origin.address)
    if credentials is None:
        key = await store.key_of_unknown_names(db)
        digest = hmac.new(key, username.encode(errors="replace"), hashlib.sha256).hexdigest()
        return Attempt(f"#{digest[:32]}", address, None)
    device_hash = None if origin.device is None else token_hash(origin.device)
    is_known = device_hash is not None and await store.knows_device(db, username, device_hash)
    return Attempt(username, address, device_hash if is_known else None)


def _turn(credentials: Credentials | None, attempt: Attempt) -> Turn:
    if attempt.device_hash is not None:
        return Turn.KNOWN_DEVICE
    return Turn.STRANGER if credentials is None else Turn.ACCOUNT


async def _refuse_too_many(db: Connection, attempt: Attempt, now: datetime) -> None:
    failures = await store.failures_of(db, attempt, now)
    wait = wait_s(failures, on_known_device=attempt.device_hash is not None, now=now)
    if wait is not None:
        log.info("login_limited", name=attempt.name, address=attempt.address)
        raise TooManyRequests("too many failed attempts; wait before the next", retry_after_s=wait)


async def _note_failure(
    pool: Pool, attempt: Attempt, credentials: Credentials | None, origin: Origin, now: datetime
) -> None:
    reason = "wrong_password"
    if credentials is None or credentials.disabled:
        reason = "unknown_name" if credentials is None else "disabled"
    data: dict[str, JsonValue] = {"address": origin.address, "reason": reason}
    async with unit_of_work(pool, "system:accounts", now) as work:
        record_account(work, attempt.name, "login_failed", data)
    log.info("login_refused", name=attempt.name, reason=reason, address=origin.address)


async def _open_session(
    pool: Pool, credentials: Credentials, attempt: Attempt, origin: Origin, now: datetime
) -> LoggedIn:
    account, token = credentials.account, new_token()
    device = origin.device or new_token()
    session = Session(
        account,
        token_hash(token),
        now + SESSION_LENGTH,
        must_change_password=credentials.must_change_password,
    )
    async with unit_of_work(pool, account.actor, now) as work:
        await store.clear_failures(work.db, attempt)
        await store.insert_session(
            work.db, session, now, address=origin.address, idle_until=_idle_until(now, origin.idle)
        )
        await store.remember_device(work.db, account.username, token_hash(device), now)
        data: dict[str, JsonValue] = {
            "address": origin.address,
            "known_device": attempt.device_hash is not None,
        }
        record_account(work, account.username, "logged_in", data)
    log.info("logged_in", username=account.username, role=account.role)
    return LoggedIn(session, token, device)


async def log_out(work: UnitOfWork, session: Session, address: str) -> None:
    """End a session."""
    await store.delete_session(work.db, session.token_hash)
    record_account(work, session.account.username, "logged_out", {"address": address})


async def authenticate(
    db: Connection, token: str, now: datetime, *, idle: timedelta | None, unused_s: float = 0
) -> Session:
    """The session of a token, which is in use now, or was `unused_s` ago. Raises Unauthenticated."""
    session = await store.session_of(db, token_hash(token), now)
    if session is None:
        raise Unauthenticated("the session has ended or never existed; log in again")
    used_at = now - timedelta(seconds=max(0.0, unused_s))
    await store.note_use(db, session.token_hash, used_at, _idle_until(used_at, idle))
    return session


def _idle_until(used_at: datetime, idle: timedelta | None) -> datetime | None:
    return None if idle is None else used_at + idle
