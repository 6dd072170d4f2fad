"""Commands and their histories in PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import JsonValue, TypeAdapter

from hub.commands.command import CommandState
from hub.db import Connection, load_queries
from hub.devices.device import Presence, presence_of
from hub.errors import NotFound
from wire.messages import CommandType

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command as it is stored; `body` is without secrets."""

    command_id: UUID
    device_id: str
    type: str
    body: dict[str, JsonValue]
    case_id: int | None
    priority: int
    state: str
    rev: int
    issued_at: datetime
    expires_at: datetime
    accept_within_s: float | None
    finish_within_s: float | None
    timer_at: datetime | None
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
    group_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommandRowWithHolder(CommandRow):
    holder: str | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a command; what did not count changed nothing."""

    state: CommandState
    at: datetime
    device_at: datetime | None
    rev: int | None
    reason: str | None
    counted: bool


@dataclass(frozen=True, slots=True)
class CommandView:
    """A command for people, with everything that happened to it."""

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
    recommendation_id: str | None
    chosen_rank: int | None
    supersedes: str | None
    history: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """The device that an order goes to."""

    device_id: str
    kind: str
    holder: str | None
    last_uplink_at: datetime | None
    last_will_at: datetime | None
    district: str | None

    def online(self, now: datetime) -> bool:
        return presence_of(now, self.last_uplink_at, self.last_will_at) is Presence.ONLINE


async def recipient(db: Connection, device_id: str) -> Recipient:
    """Raises NotFound where the device isn't registered."""
    async with db.cursor(row_factory=class_row(Recipient)) as cursor:
        await cursor.execute(SQL["recipient"], (device_id,))
        found = await cursor.fetchone()
    if found is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return found


async def locked(db: Connection, command_id: UUID | str) -> CommandRow:
    """The command, locked until the transaction's end. Raises NotFound."""
    rows = await select_locked(db, "lock_command", (command_id,))
    if not rows:
        raise NotFound(f"there is no command {command_id}", command_id=str(command_id))
    return rows[0]


async def select_locked(
    db: Connection, query: str, parameters: Sequence[object] | dict[str, object]
) -> list[CommandRow]:
    """The rows of one of the queries that lock commands."""
    async with db.cursor(row_factory=class_row(CommandRow)) as cursor:
        await cursor.execute(SQL[query], parameters)
        return await cursor.fetchall()


async def command_by_id(db: Connection, command_id: UUID | str) -> CommandView:
    """Raises NotFound."""
    views = await _views(db, command_id=command_id)
    if not views:
        raise NotFound(f"there is no command {command_id}", command_id=str(command_id))
    return views[0]


async def list_commands(
    db: Connection,
    *,
    case_id: int | None = None,
    device_id: str | None = None,
    limit: int = 100,
) -> list[CommandView]:
    """The newest commands first, of a case or of a device or of all."""
    return await _views(db, case_id=case_id, device_id=device_id, limit=limit)


async def _views(
    db: Connection,
    *,
    command_id: UUID | str | None = None,
    case_id: int | None = None,
    device_id: str | None = None,
    limit: int = 1,
) -> list[CommandView]:
    async with db.cursor(row_factory=class_row(CommandRowWithHolder)) as cursor:
        await cursor.execute(
            SQL["commands"],
            {
                "command_id": command_id,
                "case_id": case_id,
                "device_id": device_id,
                "limit": limit,
            },
        )
        rows = await cursor.fetchall()
    histories = await _histories(db, [row.command_id for row in rows])
    return [_view(row, histories[row.command_id]) for row in rows]


async def _histories(
    db: Connection, command_ids: Sequence[UUID]
) -> dict[UUID, tuple[HistoryLine, ...]]:
    lines: defaultdict[UUID, tuple[HistoryLine, ...]] = defaultdict(tuple)
    cursor = await db.execute(SQL["histories"], (list(command_ids),))
    for command_id, state, *rest in await cursor.fetchall():
        lines[command_id] += (HistoryLine(CommandState(state), *rest),)
    return lines


def _view(row: CommandRowWithHolder, history: tuple[HistoryLine, ...]) -> CommandView:
    return CommandView(
        command_id=str(row.command_id),
        device_id=row.device_id,
        holder=row.holder,
        type=CommandType(row.type),
        case_id=row.case_id,
        state=CommandState(row.state),
        rev=row.rev,
        priority=row.priority,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        accepted_at=row.accepted_at,
        finished_at=row.finished_at,
        reason=row.reason,
        result=row.result,
        issued_by=row.issued_by,
        recommendation_id=None if row.recommendation_id is None else str(row.recommendation_id),
        chosen_rank=row.chosen_rank,
        supersedes=None if row.supersedes is None else str(row.supersedes),
        history=history,
    )


async def insert_command(db: Connection, row: CommandRow) -> None:
    values = {name: getattr(row, name) for name in CommandRow.__slots__}
    await db.execute(SQL["insert_command"], values | {"body": Jsonb(row.body)})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line for a command's history. `at` is the hub's clock, `device_at` the device's."""

    command_id: UUID
    state: CommandState
    at: datetime
    device_at: datetime | None = None
    rev: int | None = None
    reason: str | None = None
    result: dict[str, JsonValue] | None = None
    counted: bool = True


_SAVED = TypeAdapter(list[CommandRow])
_LINES = TypeAdapter(list[NewLine])


async def save_commands(db: Connection, rows: Iterable[CommandRow]) -> None:
    """Write what changes in the lives of commands."""
    await db.execute(SQL["save_commands"], (_SAVED.dump_json([*rows]).decode(),))


async def append_histories(db: Connection, lines: Sequence[NewLine]) -> None:
    """Append to the histories of commands, in the order of the lines."""
    await db.execute(SQL["append_histories"], (_LINES.dump_json([*lines]).decode(),))
