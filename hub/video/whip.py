"""WHIP (RFC 9725) for terminals and WHEP for viewers, at the embedded relay."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hub.errors import InvalidInput, NotFound, Unauthenticated
from hub.http.requests import DbPool, Now
from hub.journal.unit_of_work import unit_of_work
from hub.settings import IceServer
from hub.video import commands
from hub.video.etags import matches
from hub.video.fragment import read_fragment
from hub.video.grants import check_grant, own_grant
from hub.video.relay import Relay, SdpAnswer
from hub.video.session import MediaDirection

router = APIRouter(prefix="/video", tags=["video"])

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_SDP_BYTES = 64 * 1024
_METHODS = {"endpoint": "OPTIONS, GET, HEAD, POST", "resource": "OPTIONS, GET, HEAD, PATCH, DELETE"}

_DESCRIBED = ["OPTIONS", "GET", "HEAD"]

_bearer = HTTPBearer(scheme_name="video", auto_error=False)


class VideoProtocol(StrEnum):
    """WHIP publishes, WHEP watches; their requests are the same."""

    WHIP = "whip"
    WHEP = "whep"

    @property
    def direction(self) -> MediaDirection:
        return MediaDirection.PUBLISH if self is VideoProtocol.WHIP else MediaDirection.VIEW


def ice_links(servers: Sequence[IceServer]) -> tuple[str, ...]:
    """The Link headers by which clients learn of STUN and TURN servers (RFC 9725, 4.6)."""
    return tuple(_link(server) for server in servers)


def _link(server: IceServer) -> str:
    link = f'<{server.url}>; rel="ice-server"'
    if server.username is not None and server.credential is not None:
        secret = server.credential.get_secret_value()
        link += f'; username="{server.username}"; credential="{secret}"'
        link += '; credential-type="password"'
    return link


def _token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    if credentials is None:
        raise Unauthenticated("send the session's token as bearer")
    return credentials.credentials


def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


Token = Annotated[str, Depends(_token)]
TheRelay = Annotated[Relay, Depends(_relay)]


async def _offer(request: Request) -> str:
    return await _text(request, SDP, "Accept-Post")


Offer = Annotated[str, Depends(_offer)]


async def _text(request: Request, media_type: str, accepts: str) -> str:
    """The body, if it is of this type. Raises HTTPException, InvalidInput."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise HTTPException(415, f"send this as {media_type}", {accepts: media_type})
    body = await request.body()
    if len(body) > MAX_SDP_BYTES:
        raise HTTPException(413, f"a body has at most {MAX_SDP_BYTES} bytes here")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8", field="body") from error


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {} for status in (401, 403, 404, *statuses)}


_SDP_BODY = {"content": {SDP: {"schema": {"type": "string"}}}}
_FRAGMENT_BODY = {"content": {FRAGMENT: {"schema": {"type": "string"}}}}
_CREATED = {201: _SDP_BODY | {"description": "The answer"}, **_problems(413, 415, 503)}
_CHANGED = {
    200: _FRAGMENT_BODY | {"description": "ICE was restarted"},
    **_problems(412, 413, 415, 428),
}
_SDP_OFFER = {"requestBody": _SDP_BODY | {"required": True}}
_SDP_FRAGMENT = {"requestBody": _FRAGMENT_BODY | {"required": True}}


@router.api_route("/{protocol}/{session_id}", methods=_DESCRIBED, include_in_schema=False)
async def describe_endpoint(
    request: Request,
    protocol: VideoProtocol,  # noqa: ARG001
    session_id: UUID,  # noqa: ARG001
) -> Response:
    """What an endpoint takes; nothing is said of its session."""
    headers = {"Accept-Post": SDP, "Allow": _METHODS["endpoint"]}
    return Response(status_code=_bare_status(request), headers=headers)


@router.api_route(
    "/{protocol}/{session_id}/{resource_id}", methods=_DESCRIBED, include_in_schema=False
)
async def describe_resource(
    request: Request,
    protocol: VideoProtocol,  # noqa: ARG001
    session_id: UUID,  # noqa: ARG001
    resource_id: UUID,  # noqa: ARG001
) -> Response:
    """What a connection takes; nothing is said of whether there is one."""
    headers = {"Accept-Patch": FRAGMENT, "Allow": _METHODS["resource"]}
    return Response(status_code=_bare_status(request), headers=headers)


def _bare_status(request: Request) -> int:
    """RFC 9725 writes of a 200 to OPTIONS, and of any success without content to GET and HEAD."""
    return 200 if request.method == "OPTIONS" else 204


@router.post(
    "/whip/{session_id}",
    status_code=201,
    response_class=Response,
    responses=_CREATED,
    openapi_extra=_SDP_OFFER,
)
async def whip(
    request: Request,
    pool: DbPool,
    now: Now,
    relay: TheRelay,
    session_id: UUID,
    token: Token,
    offer: Offer,
) -> Response:
    """A terminal publishes; no connection of the database is held while the peers find each other."""
    async with pool.connection() as db:
        await check_grant(db, session_id, MediaDirection.PUBLISH, token, now)
    answer = await relay.publish(session_id, offer)
    return _created(request, VideoProtocol.WHIP, session_id, answer)


@router.post(
    "/whep/{session_id}",
    status_code=201,
    response_class=Response,
    responses=_CREATED,
    openapi_extra=_SDP_OFFER,
)
async def whep(
    request: Request,
    pool: DbPool,
    now: Now,
    relay: TheRelay,
    session_id: UUID,
    token: Token,
    offer: Offer,
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
    return _created(request, VideoProtocol.WHEP, session_id, answer)


@router.patch(
    "/{protocol}/{session_id}/{resource_id}",
    status_code=204,
    response_class=Response,
    responses=_CHANGED,
    openapi_extra=_SDP_FRAGMENT,
)
async def change_connection(
    request: Request,
    pool: DbPool,
    relay: TheRelay,
    protocol: VideoProtocol,
    session_id: UUID,
    resource_id: UUID,
    token: Token,
) -> Response:
    """Candidates that came later (204), or new credentials, which restart ICE (200, a new ETag)."""
    async with pool.connection() as db:
        await own_grant(db, session_id, protocol.direction, token)
    text = await _text(request, FRAGMENT, "Accept-Patch")
    etag = relay.etag_of(session_id, resource_id)
    if etag is None:
        raise NotFound("this connection has ended", resource_id=str(resource_id))
    condition = request.headers.get("if-match")
    if condition is None and protocol is VideoProtocol.WHIP:
        raise HTTPException(428, "send If-Match with the ETag, or * for a restart")
    # WHEP is a draft, and its clients do without.
    if condition is not None and not matches(condition, etag):
        raise HTTPException(412, "ICE has been restarted since; its ETag is another")
    restart = await relay.take_fragment(session_id, resource_id, read_fragment(text))
    if restart is None:
        return Response(status_code=204)
    return Response(restart.fragment, media_type=FRAGMENT, headers={"ETag": restart.etag})


@router.delete("/whip/{session_id}/{resource_id}", responses=_problems())
async def hang_up_whip(
    pool: DbPool, now: Now, relay: TheRelay, session_id: UUID, resource_id: UUID, token: Token
) -> Response:
    """The terminal stops publishing, which ends the session.

    A publisher that was replaced, or whose order was, ends nothing but its own connection.
    """
    async with pool.connection() as db:
        grant = await own_grant(db, session_id, MediaDirection.PUBLISH, token)
    ends = await relay.hang_up(session_id, resource_id)
    if ends and grant.revoked_at is None:
        async with unit_of_work(pool, "system:relay", now) as work:
            await commands.hang_up(work, session_id)
    return Response(status_code=200)


@router.delete("/whep/{session_id}/{resource_id}", responses=_problems())
async def hang_up_whep(
    pool: DbPool, relay: TheRelay, session_id: UUID, resource_id: UUID, token: Token
) -> Response:
    """A viewer stops watching; also with a token that has expired: it gives nothing to anybody."""
    async with pool.connection() as db:
        await own_grant(db, session_id, MediaDirection.VIEW, token)
    await relay.close_resource(session_id, resource_id)
    return Response(status_code=200)


def _created(
    request: Request, protocol: VideoProtocol, session_id: UUID, answer: SdpAnswer
) -> Response:
    made = Response(answer.sdp, status_code=201, media_type=SDP)
    made.headers["Location"] = f"/video/{protocol}/{session_id}/{answer.resource_id}"
    made.headers["ETag"] = answer.etag
    made.headers["Accept-Patch"] = FRAGMENT
    for link in request.app.state.ice_links:
        made.headers.append("Link", link)
    return made
