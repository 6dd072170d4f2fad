"""Create accounts, log in, log out."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hub.accounts import store
from hub.accounts.account import Account, Role, Session
from hub.accounts.passwords import MAX_LENGTH, MIN_LENGTH, hash_password, verify_password
from hub.db import Connection, Pool
from hub.errors import Conflict, InvalidInput, TooManyRequests, Unauthenticated
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

SESSION_LENGTH = timedelta(hours=12)
MAX_FAILURES = 5
FAILURES_WITHIN = timedelta(minutes=1)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session and its token, which is returned once and stored nowhere."""

    session: Session
    token: str


async def create_account(
    work: UnitOfWork, username: str, name: str, role: Role, unit_key: str | None, password: str
) -> Account:
    """A new account, in the journal as `account_created`. Raises InvalidInput or Conflict."""
    await _check_account(work.db, username, name, role, unit_key)
    _check_password(password)
    account = Account(
        username=username,
        name=name,
        role=role,
        unit_key=unit_key,
        unit_name_zh=None,
        unit_name_en=None,
    )
    if not await store.insert_account(work.db, account, await hash_password(password), work.now):
        raise Conflict(f"there is an account {username} already", username=username)
    facts = {"role": str(role), "unit_key": unit_key}
    work.record(
        NewEntry(
            Subject.ACCOUNT,
            username,
            "account_created",
            "system:accounts",
            work.now,
            data={**facts},
        )
    )
    return account


async def _check_account(
    db: Connection, username: str, name: str, role: Role, unit_key: str | None
) -> None:
    if not _USERNAME.fullmatch(username):
        raise InvalidInput(
            "a user name has 2 to 64 of a-z, 0-9, '.', '_', '-', and begins with a letter or digit",
            field="username",
        )
    if not name.strip():
        raise InvalidInput("give the person's name or post", field="name")
    if role is Role.UNIT_HANDLER and unit_key is None:
        raise InvalidInput("a unit handler needs a unit", field="unit_key")
    if unit_key is not None and not await store.unit_exists(db, unit_key):
        raise InvalidInput(f"there is no unit {unit_key}", field="unit_key")


def _check_password(password: str) -> None:
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters", field="password"
        )


async def log_in(pool: Pool, username: str, password: str, now: datetime) -> LoggedIn:
    """A new session. Raises Unauthenticated, or TooManyRequests after repeated failures.

    An attempt counts as failed until it succeeds, so that parallel attempts cannot exceed the limit.
    No database connection is held while the password is verified.
    """
    async with pool.connection() as db:
        await _count_attempt(db, username, now)
        credentials = await store.credentials_of(db, username)
    is_right = await verify_password(credentials.password_hash if credentials else None, password)
    if credentials is None or not is_right:
        log.info("login_refused", username=username)
        raise Unauthenticated("the user name or the password is wrong")
    token = secrets.token_urlsafe(32)
    session = Session(credentials.account, token_hash(token), now + SESSION_LENGTH)
    async with pool.connection() as db:
        await store.insert_session(db, session, now)
    log.info("logged_in", username=username, role=credentials.account.role)
    return LoggedIn(session, token)


async def _count_attempt(db: Connection, username: str, now: datetime) -> None:
    failures, oldest_at = await store.count_failures(db, username, now - FAILURES_WITHIN)
    if failures >= MAX_FAILURES and oldest_at is not None:
        wait = oldest_at + FAILURES_WITHIN - now
        raise TooManyRequests(
            "too many failed attempts; wait before the next", retry_after_s=wait.total_seconds()
        )
    await store.insert_failure(db, username, now)


async def log_out(db: Connection, session: Session) -> None:
    await store.delete_session(db, session.token_hash)


async def authenticate(db: Connection, token: str, now: datetime) -> Session:
    """The session of a token. Raises Unauthenticated."""
    session = await store.session_of(db, token_hash(token), now)
    if session is None:
        raise Unauthenticated("the session has ended or never existed; log in again")
    return session


def token_hash(token: str) -> str:
    """The hash by which the database knows a token."""
    return hashlib.sha256(token.encode()).hexdigest()
