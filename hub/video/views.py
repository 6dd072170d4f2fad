"""Video sessions as JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hub.video.session import EndedBy, SessionState
from hub.video.store import VideoSession


class VideoSessionView(BaseModel):
    """`viewers` counts those who watch at this moment."""

    model_config = ConfigDict(from_attributes=True)

    session_id: UUID
    device_id: str
    case_id: int | None
    reason: str
    state: SessionState
    command_id: UUID | None
    created_at: datetime
    live_at: datetime | None
    ended_at: datetime | None
    ends_at: datetime
    ended_reason: EndedBy | None
    viewers: int

    @classmethod
    def of(cls, session: VideoSession) -> Self:
        return cls.model_validate(session)


class VideoSessionList(BaseModel):
    items: list[VideoSessionView]
