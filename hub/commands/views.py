"""Commands as JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from hub.commands.command import CommandState
from hub.commands.store import CommandView
from wire.messages import CommandType


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HistoryLineView(_View):
    """What did not count (a late or overtaken answer) changed nothing."""

    state: CommandState
    at: datetime
    device_at: datetime | None
    rev: int | None
    reason: str | None
    counted: bool


class CommandSummary(_View):
    command_id: UUID
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
    recommendation_id: UUID | None
    chosen_rank: int | None
    supersedes: UUID | None
    history: list[HistoryLineView]

    @classmethod
    def of(cls, view: CommandView) -> Self:
        return cls.model_validate(view)


class CommandList(BaseModel):
    items: list[CommandSummary]
