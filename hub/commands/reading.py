"""Commands as the console shows them, with their histories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, JsonValue, TypeAdapter

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.commands.command import CommandState
from hub.commands.store import SQL
from hub.db import Connection, record_row
from hub.errors import NotFound
from hub.evidence.views import MissingPhoto
from wire.messages import CommandType


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of a command's history; `counted` is false for an ack that came too late."""

    state: CommandState
    at: datetime
    device_at: datetime | None
    rev: int | None
    reason: str | None
    counted: bool


@dataclass(frozen=True, slots=True)
class CommandView:
    """A command for people. `supersedes` is the command that it replaced.

    `missing_photos` are those that its result names and that have not come.
    """

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
    missing_photos: list[MissingPhoto]
    issued_by: str
    recommendation_id: UUID | None
    chosen_rank: int | None
    supersedes: UUID | None
    history: tuple[HistoryLine, ...]


_MISSING = TypeAdapter(list[MissingPhoto])


class CommandList(BaseModel):
    """Commands, the newest first."""

    items: list[CommandView]


async def command_by_id(db: Connection, command_id: UUID | str) -> CommandView:
    """Raises NotFound."""
    found = await _select(db, command_id=command_id)
    if not found:
        raise NotFound(f"there is no command {command_id}", command_id=str(command_id))
    return found[0]


async def list_commands(
    db: Connection,
    *,
    case_id: int | None = None,
    device_id: str | None = None,
    limit: int = 100,
    scope: Scope = WHOLE_DISTRICT,
) -> list[CommandView]:
    """The newest commands first, of a case or of a device or of all."""
    return await _select(db, case_id=case_id, device_id=device_id, limit=limit, scope=scope)


async def _select(
    db: Connection,
    *,
    command_id: UUID | str | None = None,
    case_id: int | None = None,
    device_id: str | None = None,
    limit: int = 1,
    scope: Scope = WHOLE_DISTRICT,
) -> list[CommandView]:
    chosen = {"command_id": command_id, "case_id": case_id, "device_id": device_id, "limit": limit}
    async with db.cursor(row_factory=record_row(CommandView, history=())) as cursor:
        await cursor.execute(SQL["commands"], chosen | scope.facts)
        found = await cursor.fetchall()
    histories = await _histories(db, [each.command_id for each in found])
    return [
        replace(
            each,
            history=histories[each.command_id],
            missing_photos=_MISSING.validate_python(each.missing_photos),
        )
        for each in found
    ]


async def _histories(
    db: Connection, command_ids: Sequence[UUID]
) -> Mapping[UUID, tuple[HistoryLine, ...]]:
    lines: defaultdict[UUID, tuple[HistoryLine, ...]] = defaultdict(tuple)
    cursor = await db.execute(SQL["histories"], (list(command_ids),))
    for command_id, state, *rest in await cursor.fetchall():
        lines[command_id] += (HistoryLine(CommandState(state), *rest),)
    return lines
