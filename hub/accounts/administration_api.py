"""Accounts for the administrator: list them, make them, change them, and end their sessions."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from hub.accounts import administration, store
from hub.accounts.access import Admin
from hub.accounts.account import Account
from hub.accounts.passwords import MAX_LENGTH
from hub.accounts.role import Role
from hub.accounts.scope import Scope
from hub.accounts.store import AccountLine, SessionLine
from hub.errors import Conflict, NotFound
from hub.http.requests import ClientAddress, Db, Now, Work
from hub.journal.unit_of_work import UnitOfWork
from wire.limits import MAX_INTEGER

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

_NO_NUL = r"^[^\x00]*$"
Username = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_.-]{1,63}$")]
_Password = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
_UnitKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]


def _scope(given: object) -> object:
    return Scope.parse(given) if isinstance(given, str) else given


ScopeText = Annotated[
    Scope,
    BeforeValidator(_scope),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "maxLength": 80, "example": "territory:town_01"}),
]
"""`district`, `territory:KEY` or `unit:KEY`."""


class AccountView(BaseModel):
    """An account; `scope` is `district`, `territory:KEY` or `unit:KEY`."""

    username: str
    name: str
    role: Role
    unit_key: str | None
    scope: str
    disabled: bool
    must_change_password: bool
    sessions: int
    last_at: datetime | None


class AccountViewList(BaseModel):
    items: list[AccountView]


class SessionOfAccount(BaseModel):
    session_id: int
    address: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


class SessionOfAccountList(BaseModel):
    items: list[SessionOfAccount]


class AccountPlace(BaseModel):
    """What an account is. Without a scope: a unit handler's own unit, for all others the district."""

    role: Role
    unit_key: _UnitKey | None = None
    scope: ScopeText | None = None


class NewAccount(AccountPlace):
    """The person changes the password at the first log-in."""

    username: Annotated[str, Field(max_length=64, pattern=_NO_NUL)]
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_NUL)]
    password: _Password


class GivenPassword(BaseModel):
    password: _Password


class EndedSessions(BaseModel):
    """How many sessions ended by it, with their live lines and views."""

    ended: int


class ForgivenFailures(BaseModel):
    forgotten: int


@router.get("")
async def accounts(db: Db, _account: Admin, now: Now) -> AccountViewList:
    """All accounts by name."""
    return AccountViewList(items=[_view(line) for line in await store.list_accounts(db, now)])


@router.post("", status_code=201, responses={409: {"description": "There is such an account"}})
async def make_account(
    work: Work, account: Admin, body: NewAccount, address: ClientAddress
) -> AccountView:
    """A new account."""
    await administration.create_account(
        _by(work, account, address),
        body.username,
        body.name,
        body.role,
        body.unit_key,
        body.password,
        scope=body.scope,
        must_change_password=True,
    )
    return await _one(work.db, body.username, work.now)


@router.put("/{username}", responses={409: {"description": "It is the last administrator"}})
async def change_account(
    work: Work, account: Admin, username: Username, body: AccountPlace, address: ClientAddress
) -> AccountView:
    """Another role, unit or scope; the account's sessions end."""
    _not_oneself(account, username, "role")
    await administration.change_account(
        _by(work, account, address), username, body.role, body.unit_key, body.scope
    )
    return await _one(work.db, username, work.now)


@router.post("/{username}/disable", responses={409: {"description": "It is the last one"}})
async def disable_account(
    work: Work, account: Admin, username: Username, address: ClientAddress
) -> EndedSessions:
    """Let nobody log in with it, and end its sessions at once."""
    _not_oneself(account, username, "account")
    ended = await administration.disable_account(_by(work, account, address), username)
    return EndedSessions(ended=ended)


@router.post("/{username}/enable", status_code=204)
async def enable_account(
    work: Work, account: Admin, username: Username, address: ClientAddress
) -> None:
    """Let it log in again; its old sessions stay ended."""
    await administration.enable_account(_by(work, account, address), username)


@router.post("/{username}/password")
async def set_account_password(
    work: Work, account: Admin, username: Username, body: GivenPassword, address: ClientAddress
) -> EndedSessions:
    """Set a password, which the person changes at the next log-in, and end the sessions."""
    ended = await administration.set_password(_by(work, account, address), username, body.password)
    return EndedSessions(ended=ended)


@router.post("/{username}/unlock")
async def unlock_account(
    work: Work, account: Admin, username: Username, address: ClientAddress
) -> ForgivenFailures:
    """Forget its failed log-ins, so that nobody has to wait."""
    forgotten = await administration.unlock_account(_by(work, account, address), username)
    return ForgivenFailures(forgotten=forgotten)


@router.get("/{username}/sessions")
async def sessions_of_account(
    db: Db, _account: Admin, username: Username, now: Now
) -> SessionOfAccountList:
    """Its sessions that are good: since when, from where, when last used."""
    await _one(db, username, now)
    found = await store.list_sessions(db, username, now)
    return SessionOfAccountList(items=[_session(line) for line in found])


@router.delete("/{username}/sessions")
async def end_all_sessions(
    work: Work, account: Admin, username: Username, address: ClientAddress
) -> EndedSessions:
    """End all of its sessions."""
    ended = await administration.revoke_sessions(_by(work, account, address), username)
    return EndedSessions(ended=ended)


@router.delete("/{username}/sessions/{session_number}")
async def end_one_session(
    work: Work,
    account: Admin,
    username: Username,
    session_number: Annotated[int, Path(ge=1, le=MAX_INTEGER)],
    address: ClientAddress,
) -> EndedSessions:
    """End one of its sessions."""
    ended = await administration.revoke_sessions(
        _by(work, account, address), username, session_number
    )
    return EndedSessions(ended=ended)


def _by(work: UnitOfWork, account: Account, address: str) -> UnitOfWork:
    """The journal names the administrator; entries of accounts have the address, too."""
    return work.by(account.actor).from_address(address)


def _not_oneself(account: Account, username: str, what: str) -> None:
    """Raises Conflict: who locks oneself out finds out too late."""
    if account.username == username:
        raise Conflict(f"this is your own {what}; another administrator can change it")


async def _one(db: Db, username: str, now: datetime) -> AccountView:
    for line in await store.list_accounts(db, now):
        if line.username == username:
            return _view(line)
    raise NotFound(f"there is no account {username}", username=username)


def _view(line: AccountLine) -> AccountView:
    return AccountView.model_validate(line, from_attributes=True)


def _session(line: SessionLine) -> SessionOfAccount:
    return SessionOfAccount.model_validate(line, from_attributes=True)
