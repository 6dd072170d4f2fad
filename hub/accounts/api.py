"""Log in, log out, the current session, and the own password."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Cookie, Response
from pydantic import BaseModel, Field

from hub.accounts import administration, commands
from hub.accounts.access import COOKIE, AnySession
from hub.accounts.account import Account
from hub.accounts.passwords import MAX_LENGTH
from hub.http.requests import ClientAddress, DbPool, HubSettings, Now, Work

router = APIRouter(prefix="/api/session", tags=["session"])

DEVICE_COOKIE = "patrolhub_device"
_NoNul = r"^[^\x00]*$"
_Password = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class LogIn(BaseModel):
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=_NoNul)]
    password: _Password


class NewPassword(BaseModel):
    current: _Password
    new: _Password


class SessionView(BaseModel):
    """With `must_change_password` the account can do nothing else before that."""

    account: Account
    must_change_password: bool


class NewSessionView(SessionView):
    """The token serves as bearer where cookies are of no use; it is told only here."""

    token: str


@router.post("", responses={401: {}, 429: {}})
async def log_in(
    body: LogIn,
    pool: DbPool,
    now: Now,
    settings: HubSettings,
    address: ClientAddress,
    response: Response,
    device: Annotated[str | None, Cookie(alias=DEVICE_COOKIE, max_length=100)] = None,
) -> NewSessionView:
    """Log in; the session's cookie is set, and the token told.

    A second cookie lets this device be known, so that strangers' failures don't keep its people out.
    """
    origin = commands.Origin(address, device, settings.session_idle)
    logged_in = await commands.log_in(pool, body.username, body.password, now, origin)
    cookies = (
        (COOKIE, logged_in.token, commands.SESSION_LENGTH, "/api"),
        (DEVICE_COOKIE, logged_in.device, commands.DEVICE_LENGTH, router.prefix),
    )
    for name, value, length, path in cookies:
        _set_cookie(response, name, value, length, path, secure=settings.secure_cookies)
    session = logged_in.session
    return NewSessionView(
        account=session.account,
        must_change_password=session.must_change_password,
        token=logged_in.token,
    )


@router.get("")
async def current_session(session: AnySession) -> SessionView:
    """Who is logged in."""
    return SessionView(account=session.account, must_change_password=session.must_change_password)


@router.post("/password", status_code=204, responses={401: {}, 429: {}})
async def change_own_password(
    body: NewPassword, session: AnySession, pool: DbPool, now: Now, address: ClientAddress
) -> None:
    """Change the own password; the account's other sessions end."""
    await administration.change_password(pool, session, body.current, body.new, now, address)


@router.delete("", status_code=204)
async def log_out(
    work: Work, session: AnySession, address: ClientAddress, response: Response
) -> None:
    """Log out; the token is worth nothing from now on, and the browser drops what it has cached."""
    await commands.log_out(work.by(session.account.actor), session, address)
    response.delete_cookie(COOKIE, path="/api", httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'


def _set_cookie(
    response: Response, name: str, value: str, length: timedelta, path: str, *, secure: bool
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(length.total_seconds()),
        path=path,
        httponly=True,
        samesite="strict",
        secure=secure,
    )
