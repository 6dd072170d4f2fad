"""The question that MediaMTX asks before it lets anybody publish or watch (`authMethod: http`).

A status of 2xx admits, any other refuses. The form is that of MediaMTX's authentication guide.
The route exists only if video goes through MediaMTX.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from psycopg.errors import UniqueViolation
from pydantic import BaseModel, Field

from hub.errors import Conflict, Forbidden
from hub.http.requests import Work
from hub.video.commands import begin_view
from hub.video.grants import check_grant
from hub.video.mediamtx import MediaMtxRelay
from hub.video.session import MediaDirection

router = APIRouter(tags=["video"])

DIRECTIONS: Mapping[str, MediaDirection] = {
    "publish": MediaDirection.PUBLISH,
    "read": MediaDirection.VIEW,
}


class Question(BaseModel):
    """`path` is a session's id, `id` that of the WebRTC session; a question without `id` comes
    before the offer and lets nobody in. MediaMTX sends more fields than these.
    """

    action: str
    path: str
    protocol: str
    token: Annotated[str, Field(max_length=200)] = ""
    id: UUID | None = None


def _relay(request: Request) -> MediaMtxRelay:
    relay: MediaMtxRelay = request.app.state.relay
    return relay


@router.post("/video/mediamtx/auth", status_code=204, responses={401: {}, 403: {}, 404: {}})
async def answer_mediamtx(
    work: Work, relay: Annotated[MediaMtxRelay, Depends(_relay)], question: Question
) -> None:
    """Whether a token is good for what its bearer wants to do; every view is audited."""
    direction = DIRECTIONS.get(question.action)
    if direction is None or question.protocol != "webrtc":
        raise Forbidden("only publishing and watching by WebRTC is allowed", action=question.action)
    granted = await check_grant(work.db, question.path, direction, question.token, work.now)
    if direction is MediaDirection.VIEW and question.id is not None:
        try:
            await begin_view(work, granted, question.id)
        except UniqueViolation as error:
            raise Conflict("this viewer was let in before") from error
        relay.admit(question.id)
