"""The session of a request, and the roles that an endpoint admits."""

from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request, params
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from hub.accounts import commands
from hub.accounts.account import Account, Role, Session
from hub.accounts.role import Right, roles_with
from hub.accounts.sight import require_sight
from hub.db import Connection
from hub.errors import Forbidden, PasswordChangeNeeded, Unauthenticated
from hub.http.requests import Db, DbPool, HubSettings, Now
from hub.settings import Settings

COOKIE = "patrolhub_session"
CSRF_HEADER = "X-Requested-With"
CSRF_VALUE = "patrolhub"
UNUSED_HEADER = "X-Unused-S"
"""How long nobody has touched the page that sends the request by itself, in seconds."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_cookie = APIKeyCookie(name=COOKIE, scheme_name="cookie", auto_error=False)
_bearer = HTTPBearer(scheme_name="bearer", auto_error=False)


def _token(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> str:
    """The bearer token, or the cookie's; with a cookie, changes need the header that our pages send."""
    if bearer is not None:
        return bearer.credentials
    if not cookie:
        raise Unauthenticated("log in first")
    is_unsafe = request.method not in _SAFE_METHODS
    if is_unsafe and request.headers.get(CSRF_HEADER) != CSRF_VALUE:
        raise Forbidden(f"send the header {CSRF_HEADER}: {CSRF_VALUE} with this request")
    return cookie


Unused: TypeAlias = Annotated[
    float, Header(alias=UNUSED_HEADER, ge=0, le=86400, include_in_schema=False)
]


async def _any_session(
    request: Request,
    token: Annotated[str, Depends(_token)],
    db: Db,
    now: Now,
    settings: HubSettings,
    unused_s: Unused = 0,
) -> Session:
    return await _authenticated(request, token, db, now, settings, unused_s)


async def _authenticated(
    request: Request, token: str, db: Connection, now: datetime, settings: Settings, unused_s: float
) -> Session:
    session = await commands.authenticate(
        db, token, now, idle=settings.session_idle, unused_s=unused_s
    )
    request.state.username = session.account.username
    return session


AnySession: TypeAlias = Annotated[Session, Depends(_any_session)]
"""Also that of an account whose password must be changed first."""


def _session(session: AnySession) -> Session:
    return _good_for_all(session)


async def _brief_session(
    request: Request,
    token: Annotated[str, Depends(_token)],
    pool: DbPool,
    now: Now,
    settings: HubSettings,
    unused_s: Unused = 0,
) -> Session:
    async with pool.connection() as db:
        session = await _authenticated(request, token, db, now, settings, unused_s)
    return _good_for_all(session)


def _good_for_all(session: Session) -> Session:
    if session.must_change_password:
        raise PasswordChangeNeeded("change your password first: POST /api/session/password")
    return session


CurrentSession: TypeAlias = Annotated[Session, Depends(_session)]


def signed_in(*roles: Role) -> params.Depends:
    """A dependency: the account of the request, if it has one of the roles and sees what is asked for.

    What the path names (a case, a signal, a device, ...) is not found if the account's scope does not
    contain it. Any role if none is given.
    """
    allowed = frozenset(roles or Role)

    async def account_with_role(request: Request, session: CurrentSession, db: Db) -> Account:
        account = session.account
        _require_role(account, allowed)
        await require_sight(db, account, request.path_params)
        return account

    return params.Depends(account_with_role)


def _require_role(account: Account, allowed: frozenset[Role]) -> None:
    """Raises Forbidden."""
    if account.role not in allowed:
        raise Forbidden(
            f"this needs one of the roles {', '.join(sorted(allowed))}", role=str(account.role)
        )


def with_right(*rights: Right) -> params.Depends:
    """As `signed_in`, for the roles that have at least one of the rights."""
    return signed_in(*roles_with(*rights))


Anyone: TypeAlias = Annotated[Account, with_right(Right.READ)]
"""Anyone who reads cases: all but the auditor."""


AnyAccount: TypeAlias = Annotated[Account, signed_in()]
"""Anyone who is logged in, the auditor too."""


def briefly_with_right(right: Right) -> params.Depends:
    """As `with_right`, for endpoints that work outside of transactions."""

    async def account_with_right(
        request: Request, session: Annotated[Session, Depends(_brief_session)], pool: DbPool
    ) -> Account:
        account = session.account
        _require_role(account, frozenset(roles_with(right)))
        async with pool.connection() as db:
            await require_sight(db, account, request.path_params)
        return account

    return params.Depends(account_with_right)


AnyoneBriefly: TypeAlias = Annotated[Account, briefly_with_right(Right.READ)]
"""Anyone who reads cases, for endpoints that work outside of transactions."""
HandlerBriefly: TypeAlias = Annotated[Account, briefly_with_right(Right.HANDLE)]
"""An account that moves cases, for endpoints that work outside of transactions."""
Observer: TypeAlias = Annotated[Account, with_right(Right.OBSERVE)]
"""An account that also reads signals, devices, positions and orders."""
Handler: TypeAlias = Annotated[Account, with_right(Right.HANDLE)]
"""An account that moves cases, each role in its own way."""
Operator: TypeAlias = Annotated[Account, with_right(Right.OPERATE)]
"""An account that files cases and decides about signals."""
Dispatcher: TypeAlias = Annotated[Account, with_right(Right.DISPATCH)]
"""An account that orders devices about and watches video."""
OrderGiver: TypeAlias = Annotated[Account, with_right(Right.DISPATCH, Right.ADMINISTER)]
"""A dispatcher; or an administrator, for orders about the device itself."""
Supervisor: TypeAlias = Annotated[Account, with_right(Right.SUPERVISE)]
"""An account that decides what units ask for."""
Admin: TypeAlias = Annotated[Account, with_right(Right.ADMINISTER)]
"""Accounts, registry, catalogue, calendar and geofences."""
Auditor: TypeAlias = Annotated[Account, with_right(Right.AUDIT)]
"""Who looked at what."""
