"""Video sessions for people, and WHIP (RFC 9725) and WHEP for their pictures."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from hub.accounts.access import CurrentSession, Operator
from hub.errors import InvalidInput, Unauthenticated
from hub.http.requests import Db, DbPool, Now, Work
from hub.journal.unit_of_work import unit_of_work
from hub.video import commands
from hub.video.addresses import Addresses
from hub.video.grants import check_grant, own_grant
from hub.video.relay import Relay, SdpAnswer
from hub.video.session import MAX_S, MediaDirection
from hub.video.store import VideoSession, list_sessions, session_by_id
from wire.limits import MAX_INTEGER
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(tags=["video"])

SDP = "application/sdp"
MAX_OFFER_BYTES = 64 * 1024

_bearer = HTTPBearer(scheme_name="video", auto_error=False)
Length = Annotated[int, Field(ge=1, le=MAX_S)]
ReasonText = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


def _token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    if credentials is None:
        raise Unauthenticated("send the session's token as bearer")
    return credentials.credentials


def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


def _addresses(request: Request) -> Addresses:
    addresses: Addresses = request.app.state.addresses
    return addresses


async def _offer(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise HTTPException(415, f"send an offer as {SDP}")
    body = await request.body()
    if len(body) > MAX_OFFER_BYTES:
        raise HTTPException(413, f"an offer has at most {MAX_OFFER_BYTES} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the offer is not UTF-8", field="body") from error


Token = Annotated[str, Depends(_token)]
TheRelay = Annotated[Relay, Depends(_relay)]
TheAddresses = Annotated[Addresses, Depends(_addresses)]
Offer = Annotated[str, Depends(_offer)]


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


class ViewPermission(BaseModel):
    """POST an offer to `whep_url` with the token as bearer, before `expires_at`."""

    whep_url: str
    token: str
    expires_at: datetime


@router.post("/api/video/sessions", status_code=201, responses={404: {}, 409: {}})
async def request_video(
    work: Work, account: Operator, addresses: TheAddresses, body: VideoRequest
) -> VideoSession:
    """Ask a terminal for its picture."""
    new = commands.NewSession(body.device_id, body.case_id, body.reason, body.max_s)
    return await commands.request_session(work.by(account.actor), new, addresses)


@router.get("/api/video/sessions")
async def videos(
    db: Db,
    _account: Operator,
    case_id: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None,
) -> VideoSessionList:
    """The newest sessions first, of a case or of all."""
    found = await list_sessions(db, case_id)
    return VideoSessionList(items=found)


@router.get("/api/video/sessions/{session_id}", responses={404: {}})
async def one_video(db: Db, _account: Operator, session_id: UUID) -> VideoSession:
    return await session_by_id(db, session_id)


@router.delete("/api/video/sessions/{session_id}", responses={404: {}})
async def end_video(work: Work, account: Operator, session_id: UUID) -> VideoSession:
    """End a session; terminal and viewers are disconnected within a second or two."""
    return await commands.end_session(work.by(account.actor), session_id, None)


@router.post("/api/video/sessions/{session_id}/renew", responses={404: {}})
async def renew_video(
    work: Work, account: Operator, addresses: TheAddresses, session_id: UUID, body: Renewal
) -> VideoSession:
    """Let it go on, counted from now; whoever watches goes on watching."""
    return await commands.renew_session(work.by(account.actor), session_id, body.max_s, addresses)


@router.post("/api/video/sessions/{session_id}/view", responses={404: {}})
async def watch_video(
    db: Db,
    now: Now,
    account: Operator,
    login: CurrentSession,
    addresses: TheAddresses,
    session_id: UUID,
) -> ViewPermission:
    """A token for watching once, to be used within a minute; it ends with the log-in that asked.

    An address without a host is on this server.
    """
    viewer = commands.ViewerLogin(account.username, login.token_hash)
    grant = await commands.grant_view(db, session_id, viewer, addresses, now)
    return ViewPermission(whep_url=grant.whep_url, token=grant.token, expires_at=grant.expires_at)


_SDP_ANSWER = {"content": {SDP: {"schema": {"type": "string"}}}, "description": "The answer"}
_SDP_OFFER = {"requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}}
_WHIP_PROBLEMS: dict[int | str, dict[str, Any]] = {
    201: _SDP_ANSWER,
    401: {},
    403: {},
    404: {},
    413: {},
    415: {},
    503: {},
}


@router.post(
    "/video/whip/{session_id}",
    status_code=201,
    response_class=Response,
    responses=_WHIP_PROBLEMS,
    openapi_extra=_SDP_OFFER,
)
async def whip(
    pool: DbPool, now: Now, relay: TheRelay, session_id: UUID, token: Token, offer: Offer
) -> Response:
    """A terminal publishes; no connection of the database is held while the peers find each other."""
    async with pool.connection() as db:
        await check_grant(db, session_id, MediaDirection.PUBLISH, token, now)
    return _created("whip", session_id, await relay.publish(session_id, offer))


@router.post(
    "/video/whep/{session_id}",
    status_code=201,
    response_class=Response,
    responses=_WHIP_PROBLEMS,
    openapi_extra=_SDP_OFFER,
)
async def whep(
    pool: DbPool, now: Now, relay: TheRelay, session_id: UUID, token: Token, offer: Offer
) -> Response:
    """Somebody watches; every view is audited."""
    async with pool.connection() as db:
        granted = await check_grant(db, session_id, MediaDirection.VIEW, token, now)
    answer = await relay.view(session_id, offer)
    try:
        async with unit_of_work(pool, "system:relay", now) as work:
            await commands.begin_view(work, granted, answer.resource_id)
    except BaseException:
        # Nobody watches without a trace.
        await relay.close_resource(session_id, answer.resource_id)
        raise
    return _created("whep", session_id, answer)


@router.delete("/video/whip/{session_id}/{resource_id}", responses={401: {}, 403: {}, 404: {}})
async def hang_up_whip(
    pool: DbPool, now: Now, relay: TheRelay, session_id: UUID, resource_id: UUID, token: Token
) -> Response:
    """The terminal stops publishing, which ends the session.

    A publisher that was replaced, or whose order was, ends nothing but its own connection.
    """
    async with pool.connection() as db:
        grant = await own_grant(db, session_id, MediaDirection.PUBLISH, token)
    closed = await relay.close_resource(session_id, resource_id)
    if closed and grant.revoked_at is None:
        async with unit_of_work(pool, "system:relay", now) as work:
            await commands.hang_up(work, session_id)
    return Response(status_code=200)


@router.delete("/video/whep/{session_id}/{resource_id}", responses={401: {}, 403: {}, 404: {}})
async def hang_up_whep(
    db: Db, relay: TheRelay, session_id: UUID, resource_id: UUID, token: Token
) -> Response:
    """A viewer stops watching; also with a token that has expired: it gives nothing to anybody."""
    await own_grant(db, session_id, MediaDirection.VIEW, token)
    await relay.close_resource(session_id, resource_id)
    return Response(status_code=200)


def _created(protocol: str, session_id: UUID, answer: SdpAnswer) -> Response:
    return Response(
        answer.sdp,
        status_code=201,
        media_type=SDP,
        headers={"Location": f"/video/{protocol}/{session_id}/{answer.resource_id}"},
    )
