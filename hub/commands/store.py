"""Commands and their histories in PostgreSQL, for the code that changes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import JsonValue, TypeAdapter

from hub.commands.command import CommandState
from hub.db import Connection, load_queries, record_row
from hub.devices.device import Presence, presence_of
from hub.errors import NotFound
from wire.messages import CommandType
from wire.topics import Kind

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command as it is stored; `body` is without secrets."""

    command_id: UUID
    device_id: str
    type: CommandType
    body: dict[str, JsonValue]
    case_id: int | None
    priority: int
    state: CommandState
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
class Recipient:
    """The device that an order goes to."""

    device_id: str
    kind: Kind
    holder: str | None
    last_uplink_at: datetime | None
    last_will_at: datetime | None
    district: str | None

    def online(self, now: datetime) -> bool:
        return presence_of(now, self.last_uplink_at, self.last_will_at) is Presence.ONLINE


async def recipient(db: Connection, device_id: str) -> Recipient:
    """Raises NotFound if the device isn't registered."""
    async with db.cursor(row_factory=record_row(Recipient)) as cursor:
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
    async with db.cursor(row_factory=record_row(CommandRow)) as cursor:
        await cursor.execute(SQL[query], parameters)
        return await cursor.fetchall()


async def insert_command(db: Connection, row: CommandRow) -> bool:
    """False, and nothing is written, if the device or the policy already has this task for the case."""
    values = {name: getattr(row, name) for name in CommandRow.__slots__}
    cursor = await db.execute(SQL["insert_command"], values | {"body": Jsonb(row.body)})
    return await cursor.fetchone() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHistoryLine:
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
_LINES = TypeAdapter(list[NewHistoryLine])


async def save_commands(db: Connection, rows: Iterable[CommandRow]) -> None:
    """Write the columns of commands that may change."""
    await db.execute(SQL["save_commands"], (_SAVED.dump_json([*rows]).decode(),))


async def append_histories(db: Connection, lines: Sequence[NewHistoryLine]) -> None:
    """Append to the histories of commands, in the order of the lines."""
    await db.execute(SQL["append_histories"], (_LINES.dump_json([*lines]).decode(),))
