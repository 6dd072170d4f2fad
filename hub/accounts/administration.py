"""Manage accounts: create, disable, enable, set and change passwords, end sessions."""

import re
from datetime import datetime

from pydantic import JsonValue

from hub.accounts import store
from hub.accounts.account import Account, Role, Session, usual_scope
from hub.accounts.guessable import MIN_LENGTH, is_guessable
from hub.accounts.hashing import Turn, hashing_queue
from hub.accounts.passwords import MAX_LENGTH, hash_password, verify_password
from hub.accounts.record import record_account
from hub.accounts.scope import Scope, ScopeKind
from hub.db import Connection, Pool
from hub.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from hub.journal.unit_of_work import UnitOfWork, unit_of_work

_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")


async def create_account(
    work: UnitOfWork,
    username: str,
    name: str,
    role: Role,
    unit_key: str | None,
    password: str,
    *,
    scope: Scope | None = None,
    must_change_password: bool = False,
) -> Account:
    """A new account, in the journal as `account_created`. Raises InvalidInput or Conflict.

    Without a scope it has the usual one: a unit handler's own unit, for all others the district.
    """
    _check_names(username, name)
    unit_key = _unit(role, unit_key, scope)
    scope = scope or usual_scope(role, unit_key)
    await _check_place(work.db, role, unit_key, scope)
    check_password(password, username, name)
    account = Account(
        username=username,
        name=name,
        role=role,
        unit_key=unit_key,
        unit_name_zh=None,
        unit_name_en=None,
        scope=scope,
    )
    digest = await hash_password(password)
    made = await store.insert_account(
        work.db, account, digest, work.now, must_change_password=must_change_password
    )
    if not made:
        raise Conflict(f"there is an account {username} already", username=username)
    data: dict[str, JsonValue] = {"role": str(role), "unit_key": unit_key, "scope": str(scope)}
    record_account(work, username, "account_created", data)
    return account


async def change_account(
    work: UnitOfWork, username: str, role: Role, unit_key: str | None, scope: Scope | None = None
) -> int:
    """Give an account another role, unit or scope, and end its sessions; returns how many.

    Raises NotFound, InvalidInput, and Conflict for the role of the last administrator.
    """
    before = await _must_exist(work.db, username)
    unit_key = _unit(role, unit_key, scope)
    scope = scope or usual_scope(role, unit_key)
    await _check_place(work.db, role, unit_key, scope)
    if before.role is Role.ADMIN and role is not Role.ADMIN:
        await _must_leave_an_administrator(work.db, username)
    await store.set_place(work.db, username, role, unit_key, scope)
    ended = await store.end_sessions(work.db, username)
    data: dict[str, JsonValue] = {
        "before": {"role": str(before.role), "unit": before.unit_key, "scope": str(before.scope)},
        "role": str(role),
        "unit_key": unit_key,
        "scope": str(scope),
        "sessions": ended,
    }
    record_account(work, username, "account_changed", data)
    return ended


async def disable_account(work: UnitOfWork, username: str) -> int:
    """End the sessions of an account and let nobody log in with it; returns how many ended.

    Raises NotFound, and Conflict for the last administrator.
    """
    account = await _must_exist(work.db, username)
    if account.role is Role.ADMIN:
        await _must_leave_an_administrator(work.db, username)
    await store.set_disabled(work.db, username, disabled=True)
    ended = await store.end_sessions(work.db, username)
    record_account(work, username, "account_disabled", {"sessions": ended})
    return ended


async def enable_account(work: UnitOfWork, username: str) -> None:
    """Let a disabled account log in again; none of its sessions comes back. Raises NotFound."""
    await _must_exist(work.db, username)
    await store.end_sessions(work.db, username)
    await store.set_disabled(work.db, username, disabled=False)
    record_account(work, username, "account_enabled")


async def set_password(
    work: UnitOfWork, username: str, password: str, *, must_change_password: bool = True
) -> int:
    """Set an account's password and end its sessions; returns how many. Raises NotFound, InvalidInput."""
    account = await _must_exist(work.db, username)
    check_password(password, username, account.name)
    digest = await hash_password(password)
    await store.set_password(work.db, username, digest, must_change_password=must_change_password)
    await store.forget_devices(work.db, username)
    ended = await store.end_sessions(work.db, username)
    record_account(
        work, username, "password_set", {"sessions": ended, "must_change": must_change_password}
    )
    return ended


async def change_password(
    pool: Pool, session: Session, current: str, new: str, now: datetime, address: str
) -> None:
    """Change the own password; the account's other sessions end.

    Raises Unauthenticated if the current one is wrong, and InvalidInput if the new one won't do.
    """
    username = session.account.username
    async with pool.connection() as db:
        credentials = await store.credentials_of(db, username)
    async with hashing_queue().place(Turn.KNOWN_DEVICE):
        is_right = await verify_password(
            credentials.password_hash if credentials else None, current
        )
    if not is_right:
        raise Unauthenticated("the current password is wrong")
    if new == current:
        raise InvalidInput("the new password is the current one", field="new")
    check_password(new, username, session.account.name)
    digest = await hash_password(new)
    async with unit_of_work(pool, session.account.actor, now) as work:
        await store.set_password(work.db, username, digest, must_change_password=False)
        ended = await store.end_sessions(work.db, username, but=session.token_hash)
        record_account(work, username, "password_changed", {"sessions": ended, "address": address})


async def unlock_account(work: UnitOfWork, username: str) -> int:
    """Forget the failed log-ins of an account; returns how many. Raises NotFound."""
    await _must_exist(work.db, username)
    forgotten = await store.forget_failures(work.db, username)
    record_account(work, username, "account_unlocked", {"failures": forgotten})
    return forgotten


async def revoke_sessions(work: UnitOfWork, username: str, session_id: int | None = None) -> int:
    """End an account's sessions, or one of them; returns how many. Raises NotFound."""
    await _must_exist(work.db, username)
    ended = await store.end_sessions(work.db, username, only=session_id)
    if session_id is not None and not ended:
        raise NotFound(f"{username} has no session {session_id}", session_id=session_id)
    record_account(work, username, "sessions_revoked", {"sessions": ended})
    return ended


def check_password(password: str, username: str, name: str) -> None:
    """Raises InvalidInput if a password is too short, too long or easy to guess."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters", field="password"
        )
    if is_guessable(password, username, name):
        raise InvalidInput(
            "this password is easy to guess: take several words that don't belong together, or let a "
            "password manager make one; names, years and runs of keys count for little",
            field="password",
        )


async def _must_exist(db: Connection, username: str) -> Account:
    credentials = await store.credentials_of(db, username)
    if credentials is None:
        raise NotFound(f"there is no account {username}", username=username)
    return credentials.account


async def _must_leave_an_administrator(db: Connection, username: str) -> None:
    if await store.other_administrators(db, username) == 0:
        raise Conflict(
            f"{username} is the only administrator; make another one first", username=username
        )


def _unit(role: Role, unit_key: str | None, scope: Scope | None) -> str | None:
    """The unit of a unit handler may be told by the scope alone."""
    is_told = role is Role.UNIT_HANDLER and unit_key is None and scope is not None
    return scope.unit_key if is_told and scope is not None else unit_key


def _check_names(username: str, name: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise InvalidInput(
            "a user name has 2 to 64 of a-z, 0-9, '.', '_', '-', and begins with a letter or digit",
            field="username",
        )
    if not name.strip():
        raise InvalidInput("give the person's name or post", field="name")


async def _check_place(db: Connection, role: Role, unit_key: str | None, scope: Scope) -> None:
    """Raises InvalidInput if a unit is not known, or the scope doesn't go with the role."""
    if role is Role.UNIT_HANDLER and unit_key is None:
        raise InvalidInput("a unit handler needs a unit", field="unit_key")
    if unit_key is not None and not await store.unit_exists(db, unit_key):
        raise InvalidInput(f"there is no unit {unit_key}", field="unit_key")
    if scope.unit_key is not None and not await store.unit_exists(
        db, scope.unit_key, only_territories=scope.kind is ScopeKind.TERRITORY
    ):
        noun = "territory" if scope.kind is ScopeKind.TERRITORY else "unit"
        raise InvalidInput(f"there is no {noun} {scope.unit_key}", field="scope")
    if role is Role.UNIT_HANDLER and scope.unit_key != unit_key:
        raise InvalidInput(
            f"the scope of a unit handler is its unit: unit:{unit_key}, or territory:{unit_key} for "
            "what lies in its territory, too",
            field="scope",
        )
    if role in (Role.AUDITOR, Role.ADMIN) and scope.kind is not ScopeKind.DISTRICT:
        raise InvalidInput(f"the scope of the role {role} is the district", field="scope")
