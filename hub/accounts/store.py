"""Accounts, sessions and failed attempts in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow, dict_row

from hub.accounts.account import Account, Session
from hub.db import Connection, load_queries

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class Credentials:
    account: Account
    password_hash: str


async def insert_account(
    db: Connection, account: Account, password_hash: str, now: datetime
) -> bool:
    """Store a new account; False if the name is taken."""
    facts = {
        "username": account.username,
        "name": account.name,
        "role": account.role,
        "unit_key": account.unit_key,
        "password_hash": password_hash,
        "created_at": now,
    }
    return (await db.execute(SQL["insert_account"], facts)).rowcount == 1


async def unit_exists(db: Connection, unit_key: str) -> bool:
    row = await (await db.execute(SQL["unit_exists"], (unit_key,))).fetchone()
    return row is not None and bool(row[0])


async def credentials_of(db: Connection, username: str) -> Credentials | None:
    row = await _one(db, "credentials", (username,))
    return Credentials(_account(row), row["password_hash"]) if row else None


async def count_failures(
    db: Connection, username: str, since: datetime
) -> tuple[int, datetime | None]:
    """How many attempts failed after `since`, and when the oldest of them did.

    Other attempts for the same name wait until the transaction ends; older failures are deleted.
    """
    await db.execute(SQL["one_attempt_at_a_time"], (username,))
    await db.execute(SQL["delete_failures"], (since,))
    row = await (await db.execute(SQL["failures"], (username,))).fetchone()
    assert row is not None
    return row[0], row[1]


async def insert_failure(db: Connection, username: str, now: datetime) -> None:
    await db.execute(SQL["insert_failure"], (username, now))


async def insert_session(db: Connection, session: Session, now: datetime) -> None:
    """Store a session; delete the failed attempts of its account, and all expired sessions."""
    await db.execute(SQL["clear_failures"], (session.account.username,))
    await db.execute(SQL["delete_expired_sessions"], (now,))
    await db.execute(
        SQL["insert_session"],
        {
            "token_hash": session.token_hash,
            "username": session.account.username,
            "created_at": now,
            "expires_at": session.expires_at,
        },
    )


async def session_of(db: Connection, token_hash: str, now: datetime) -> Session | None:
    """The session of a token, or None if it is unknown, expired, or its account is disabled."""
    row = await _one(db, "session", {"token_hash": token_hash, "now": now})
    return Session(_account(row), row["token_hash"], row["expires_at"]) if row else None


async def valid_sessions(db: Connection, hashes: Collection[str], now: datetime) -> set[str]:
    """Those of the hashes whose session is good."""
    cursor = await db.execute(SQL["valid_sessions"], {"hashes": list(hashes), "now": now})
    return {row[0] for row in await cursor.fetchall()}


async def delete_session(db: Connection, token_hash: str) -> None:
    await db.execute(SQL["delete_session"], (token_hash,))


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
    return Account(**{field: row[field] for field in Account.model_fields})
