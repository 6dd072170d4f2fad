"""Accounts, sessions, known devices and failed attempts in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow, class_row, dict_row

from hub.accounts.account import Account, Role, Session
from hub.accounts.limits import WITHIN, Failures, FailuresOf
from hub.accounts.scope import Scope
from hub.db import Connection, load_queries, record_row

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what is needed to log in."""

    account: Account
    password_hash: str
    disabled: bool
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to log in. `name` is an account's, or a keyed hash; `device_hash` is of a known device."""

    name: str
    address: str
    device_hash: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in the list for administrators."""

    username: str
    name: str
    role: Role
    unit_key: str | None
    scope: str
    """As `Scope.parse` reads it."""
    disabled: bool
    must_change_password: bool
    sessions: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in the list for administrators."""

    session_id: int
    username: str
    address: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


async def insert_account(
    db: Connection,
    account: Account,
    password_hash: str,
    now: datetime,
    *,
    must_change_password: bool = False,
) -> bool:
    """Store a new account; False if the name is taken."""
    facts = {
        "username": account.username,
        "name": account.name,
        "role": account.role,
        "unit_key": account.unit_key,
        "scope_kind": account.scope.kind,
        "scope_unit": account.scope.unit_key,
        "password_hash": password_hash,
        "must_change_password": must_change_password,
        "created_at": now,
    }
    return (await db.execute(SQL["insert_account"], facts)).rowcount == 1


async def unit_exists(db: Connection, unit_key: str, *, only_territories: bool = False) -> bool:
    facts = {"unit_key": unit_key, "only_territories": only_territories}
    row = await (await db.execute(SQL["unit_exists"], facts)).fetchone()
    return row is not None and bool(row[0])


async def set_place(
    db: Connection, username: str, role: Role, unit_key: str | None, scope: Scope
) -> None:
    """Write what an account is, and what it sees."""
    facts = {
        "username": username,
        "role": role,
        "unit_key": unit_key,
        "scope_kind": scope.kind,
        "scope_unit": scope.unit_key,
    }
    await db.execute(SQL["set_place"], facts)


async def other_administrators(db: Connection, username: str) -> int:
    """How many enabled administrators there are besides this account; others wait for the answer."""
    return len(await (await db.execute(SQL["other_administrators"], (username,))).fetchall())


async def credentials_of(db: Connection, username: str) -> Credentials | None:
    row = await _one(db, "credentials", (username,))
    if row is None:
        return None
    return Credentials(
        _account(row), row["password_hash"], row["disabled"], row["must_change_password"]
    )


async def list_accounts(db: Connection, now: datetime) -> list[AccountLine]:
    async with db.cursor(row_factory=record_row(AccountLine)) as cursor:
        await cursor.execute(SQL["accounts"], {"now": now})
        return await cursor.fetchall()


async def set_disabled(db: Connection, username: str, *, disabled: bool) -> None:
    await db.execute(SQL["set_disabled"], (disabled, username))


async def set_password(
    db: Connection, username: str, password_hash: str, *, must_change_password: bool
) -> None:
    await db.execute(SQL["set_password"], (password_hash, must_change_password, username))


async def key_of_unknown_names(db: Connection) -> bytes:
    """The key under which names that no account has are counted."""
    row = await (await db.execute(SQL["key"])).fetchone()
    assert row is not None
    return bytes(row[0])


async def lock_attempts(db: Connection) -> None:
    """Let other attempts wait until the transaction ends, so that counting and noting are one."""
    await db.execute(SQL["one_attempt_at_a_time"])


async def failures_of(
    db: Connection, attempt: Attempt, now: datetime
) -> dict[FailuresOf, Failures]:
    """What went wrong lately, counted in each way that is limited."""
    facts = {
        "name": attempt.name,
        "address": attempt.address,
        "device_hash": attempt.device_hash,
        "since": now - WITHIN,
    }
    rows = await (await db.execute(SQL["failures"], facts)).fetchall()
    return {FailuresOf(row[0]): Failures(row[1], row[2]) for row in rows}


async def insert_failure(db: Connection, attempt: Attempt, now: datetime) -> None:
    """Note a failure, and forget those that no limit counts any more."""
    await db.execute(SQL["delete_failures"], (now - WITHIN,))
    facts = (attempt.name, now, attempt.address, attempt.device_hash)
    await db.execute(SQL["insert_failure"], facts)


async def clear_failures(db: Connection, attempt: Attempt) -> None:
    """Forgive the failures of an account on this device, or from this address."""
    facts = (attempt.name, attempt.address, attempt.device_hash)
    await db.execute(SQL["clear_failures"], facts)


async def forget_failures(db: Connection, username: str) -> int:
    return (await db.execute(SQL["forget_failures"], (username,))).rowcount


async def knows_device(db: Connection, username: str, device_hash: str) -> bool:
    """Whether this account has logged in on this device before."""
    row = await (await db.execute(SQL["knows_device"], (username, device_hash))).fetchone()
    return row is not None and bool(row[0])


async def remember_device(db: Connection, username: str, device_hash: str, now: datetime) -> None:
    await db.execute(SQL["remember_device"], (device_hash, username, now))


async def forget_devices(db: Connection, username: str) -> None:
    await db.execute(SQL["forget_devices"], (username,))


async def insert_session(
    db: Connection,
    session: Session,
    now: datetime,
    *,
    address: str = "",
    idle_until: datetime | None = None,
) -> None:
    """Store a session; delete all that are over. `idle_until` None: it never ends for want of use."""
    await db.execute(SQL["delete_expired_sessions"], {"now": now})
    await db.execute(
        SQL["insert_session"],
        {
            "token_hash": session.token_hash,
            "username": session.account.username,
            "created_at": now,
            "expires_at": session.expires_at,
            "address": address,
            "idle_until": idle_until,
        },
    )


async def session_of(db: Connection, token_hash: str, now: datetime) -> Session | None:
    """The session of a token, or None if it is unknown, over, or its account is disabled."""
    row = await _one(db, "session", {"token_hash": token_hash, "now": now})
    if row is None:
        return None
    return Session(_account(row), row["token_hash"], row["expires_at"], row["must_change_password"])


async def note_use(
    db: Connection, token_hash: str, used_at: datetime, idle_until: datetime | None
) -> None:
    """Note that a session is in use; at most once a minute, and without waiting for others."""
    facts = {"token_hash": token_hash, "used_at": used_at, "idle_until": idle_until}
    await db.execute(SQL["note_use"], facts)


async def valid_sessions(db: Connection, hashes: Collection[str], now: datetime) -> set[str]:
    """Those of the hashes whose session is good."""
    cursor = await db.execute(SQL["valid_sessions"], {"hashes": list(hashes), "now": now})
    return {row[0] for row in await cursor.fetchall()}


async def list_sessions(db: Connection, username: str | None, now: datetime) -> list[SessionLine]:
    """The sessions that are good, of one account or of all."""
    async with db.cursor(row_factory=class_row(SessionLine)) as cursor:
        await cursor.execute(SQL["sessions"], {"username": username, "now": now})
        return await cursor.fetchall()


async def delete_session(db: Connection, token_hash: str) -> None:
    await db.execute(SQL["delete_session"], (token_hash,))


async def end_sessions(
    db: Connection, username: str, *, but: str | None = None, only: int | None = None
) -> int:
    """End an account's sessions: all, all but one (its token's hash), or only one (its id)."""
    facts = {"username": username, "but": but, "only": only}
    return (await db.execute(SQL["end_sessions"], facts)).rowcount


async def names_of(db: Connection, usernames: Collection[str]) -> dict[str, str]:
    """The names by user name of the accounts that exist."""
    cursor = await db.execute(SQL["names"], (list(usernames),))
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def _one(
    db: Connection, query: str, facts: tuple[str, ...] | dict[str, str | datetime]
) -> DictRow | None:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[query], facts)
        return await cursor.fetchone()


def _account(row: DictRow) -> Account:
    scope = Scope(
        kind=row["scope_kind"],
        unit_key=row["scope_unit"],
        territories=tuple(row["scope_territories"]),
    )
    known = {field: row[field] for field in Account.model_fields if field in row}
    return Account(**known, scope=scope)
