"""Video sessions for people; whip.py has the pictures."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from hub.accounts.access import CurrentSession, Dispatcher, Observer
from hub.accounts.sight import require_sight
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.http.requests import Db, Now, Work
from hub.settings import IceServer
from hub.video import commands
from hub.video.addresses import Addresses
from hub.video.session import MAX_S
from hub.video.store import VideoSession, list_sessions, session_by_id
from wire.limits import MAX_INTEGER
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(tags=["video"])

Length = Annotated[int, Field(ge=1, le=MAX_S)]
ReasonText = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


def _addresses(request: Request) -> Addresses:
    addresses: Addresses = request.app.state.addresses
    return addresses


TheAddresses = Annotated[Addresses, Depends(_addresses)]


class VideoRequest(BaseModel):
    """A video belongs to a case or to a stated reason."""

    device_id: Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
    case_id: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    reason: ReasonText | None = None
    max_s: Length | None = None


class VideoSessionList(BaseModel):
    items: list[VideoSession]


class Renewal(BaseModel):
    max_s: Length | None = None


class IceServerView(BaseModel):
    """A STUN or TURN server, as a browser's RTCPeerConnection takes it."""

    urls: str
    username: str = ""
    credential: str = ""


class ViewPermission(BaseModel):
    """POST an offer to `whep_url` with the token as bearer, before `expires_at`."""

    whep_url: str
    token: str
    expires_at: datetime
    ice_servers: tuple[IceServerView, ...] = ()


@router.post(
    "/api/video/sessions",
    status_code=201,
    responses={404: {}, 409: {}},
    dependencies=[audited(ReadKind.VIDEO)],
)
async def request_video(
    work: Work, account: Dispatcher, addresses: TheAddresses, body: VideoRequest
) -> VideoSession:
    """Ask a terminal for its picture."""
    named = {"device_id": body.device_id, "case_id": body.case_id}
    await require_sight(work.db, account, named)
    new = commands.NewSession(body.device_id, body.case_id, body.reason, body.max_s)
    return await commands.request_session(work.by(account.actor), new, addresses)


@router.get("/api/video/sessions")
async def videos(
    db: Db,
    account: Observer,
    case_id: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None,
) -> VideoSessionList:
    """The newest sessions first, of a case or of all."""
    found = await list_sessions(db, case_id, scope=account.scope)
    return VideoSessionList(items=found)


@router.get("/api/video/sessions/{session_id}", responses={404: {}})
async def one_video(db: Db, _account: Observer, session_id: UUID) -> VideoSession:
    return await session_by_id(db, session_id)


@router.delete("/api/video/sessions/{session_id}", responses={404: {}})
async def end_video(work: Work, account: Dispatcher, session_id: UUID) -> VideoSession:
    """End a session; terminal and viewers are disconnected within a second or two."""
    return await commands.end_session(work.by(account.actor), session_id, None)


@router.post("/api/video/sessions/{session_id}/renew", responses={404: {}})
async def renew_video(
    work: Work, account: Dispatcher, addresses: TheAddresses, session_id: UUID, body: Renewal
) -> VideoSession:
    """Let it go on, counted from now; whoever watches goes on watching."""
    return await commands.renew_session(work.by(account.actor), session_id, body.max_s, addresses)


@router.post(
    "/api/video/sessions/{session_id}/view",
    responses={404: {}},
    dependencies=[audited(ReadKind.VIDEO)],
)
async def watch_video(
    request: Request,
    db: Db,
    now: Now,
    account: Dispatcher,
    login: CurrentSession,
    addresses: TheAddresses,
    session_id: UUID,
) -> ViewPermission:
    """A token for watching once, to be used within a minute; it ends with the log-in that asked.

    An address without a host is on this server.
    """
    viewer = commands.ViewerLogin(account.username, login.token_hash)
    grant = await commands.grant_view(db, session_id, viewer, addresses, now)
    return ViewPermission(
        whep_url=grant.whep_url,
        token=grant.token,
        expires_at=grant.expires_at,
        ice_servers=tuple(_ice_server(each) for each in request.app.state.settings.ice_servers),
    )


def _ice_server(server: IceServer) -> IceServerView:
    credential = server.credential.get_secret_value() if server.credential else ""
    return IceServerView(urls=server.url, username=server.username or "", credential=credential)
