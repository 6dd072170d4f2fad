"""Log in, log out, and the current session."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from hub.accounts import commands
from hub.accounts.access import COOKIE, CurrentSession
from hub.accounts.account import Account
from hub.accounts.passwords import MAX_LENGTH
from hub.http.requests import Db, DbPool, HubSettings, Now

router = APIRouter(prefix="/api/session", tags=["session"])

_NoNul = r"^[^\x00]*$"


class LogIn(BaseModel):
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=_NoNul)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class SessionView(BaseModel):
    account: Account


class NewSessionView(SessionView):
    """The token serves as bearer where cookies are of no use; it is told only here."""

    token: str


@router.post("", responses={401: {}, 429: {}})
async def log_in(
    body: LogIn, pool: DbPool, now: Now, settings: HubSettings, response: Response
) -> NewSessionView:
    """Log in; the session's cookie is set, and the token told."""
    logged_in = await commands.log_in(pool, body.username, body.password, now)
    response.set_cookie(
        COOKIE,
        logged_in.token,
        max_age=int(commands.SESSION_LENGTH.total_seconds()),
        path="/api",
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
    )
    return NewSessionView(account=logged_in.session.account, token=logged_in.token)


@router.get("")
async def current_session(session: CurrentSession) -> SessionView:
    """Who is logged in."""
    return SessionView(account=session.account)


@router.delete("", status_code=204)
async def log_out(db: Db, session: CurrentSession, response: Response) -> None:
    """Log out; the token is worth nothing from now on, and the browser drops what it has cached."""
    await commands.log_out(db, session)
    response.delete_cookie(COOKIE, path="/api", httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'
