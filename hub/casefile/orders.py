"""The orders and the video of a case, as the console reads them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, JsonValue

from hub.dispatch.command import CommandState
from hub.dispatch.store import CommandView
from hub.video.session import SessionState
from hub.video.store import VideoSession
from wire.messages import CommandType


class CommandStep(BaseModel):
    state: CommandState
    at: datetime
    reason: str | None


class CommandSummary(BaseModel):
    """An order and everything that happened to it; `result` is what the device sent with its last word."""

    command_id: str
    device_id: str
    holder: str | None
    type: CommandType
    case_id: int | None
    state: CommandState
    rev: int
    priority: int
    issued_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    reason: str | None
    result: dict[str, JsonValue] | None
    issued_by: str
    history: list[CommandStep]

    @classmethod
    def of(cls, command: CommandView) -> Self:
        return cls.model_validate(command, from_attributes=True)


class VideoSummary(BaseModel):
    """A video session of the case; `viewers` watch at this moment."""

    session_id: str
    device_id: str
    case_id: int | None
    reason: str
    state: SessionState
    command_id: str | None
    created_at: datetime
    live_at: datetime | None
    ended_at: datetime | None
    ends_at: datetime
    ended_reason: str | None
    viewers: int

    @classmethod
    def of(cls, session: VideoSession) -> Self:
        facts = {name: getattr(session, name) for name in VideoSession.__slots__}
        command_id = session.command_id and str(session.command_id)
        return cls.model_validate(
            facts | {"session_id": str(session.session_id), "command_id": command_id}
        )
