"""One order to many devices: a command for each, and how many have confirmed it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from pydantic import BaseModel, JsonValue

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.accounts.sight import visible_devices
from hub.cases.case_facts import CaseFacts, case_facts
from hub.commands.command import CommandState
from hub.commands.issuing import NewCommand, issue
from hub.commands.limits import NEXT_BEST
from hub.db import Connection, record_row
from hub.dispatch.selection import Selection, select_devices
from hub.dispatch.store import SQL
from hub.errors import Conflict, GuardRefused, InvalidInput, NotFound
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType

MAX_DEVICES = 2000
_CAME_TO_NOTHING = frozenset({CommandState.FAILED, CommandState.REJECTED})


@dataclass(frozen=True, slots=True)
class NewGroup:
    """An order to all that a selection finds. `quorum`: how many must confirm it; None means all."""

    type: CommandType
    selection: Selection
    body: BaseModel | None = None
    case_id: int | None = None
    reason: str | None = None
    priority: int | None = None
    quorum: int | None = None
    scope: Scope = WHOLE_DISTRICT


@dataclass(frozen=True, slots=True)
class NotSent:
    """A device that was chosen but did not get the order."""

    device_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A device that was sent the order, and the state of its command."""

    command_id: UUID
    device_id: str
    holder: str | None
    state: CommandState
    delivered_at: datetime | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """`stragglers` have not confirmed the order, or failed or declined it; `refused` were never sent
    it, and count as stragglers.
    """

    group_id: UUID
    type: CommandType
    case_id: int | None
    reason: str | None
    issued_by: str
    issued_at: datetime
    quorum: int
    confirmed: int
    quorum_reached: bool
    states: Mapping[CommandState, int]
    members: tuple[GroupMember, ...]
    refused: tuple[NotSent, ...]
    stragglers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parent:
    group_id: UUID
    type: CommandType
    case_id: int | None
    quorum: int
    refused: list[dict[str, str]]
    reason: str | None
    issued_by: str
    issued_at: datetime


async def issue_group(work: UnitOfWork, new: NewGroup) -> GroupView:
    """Give an order to many devices. Those that cannot get it are named, and the others get it.

    Raises InvalidInput if no devices or too many are chosen, if the type goes to one device at a time,
    or if the body doesn't fit; NotFound if there is no such case.
    """
    if new.type in NEXT_BEST:
        raise InvalidInput(
            f"a {new.type} goes to one device at a time; order it without a group", field="type"
        )
    facts = None if new.case_id is None else await case_facts(work.db, new.case_id)
    chosen = await select_devices(work.db, new.selection, work.now)
    seen = await visible_devices(work.db, new.scope, chosen)
    device_ids = tuple(each for each in chosen if each in seen)
    if not 1 <= len(device_ids) <= MAX_DEVICES:
        raise InvalidInput(
            f"{len(device_ids)} devices are chosen; choose 1 to {MAX_DEVICES}", field="selection"
        )
    group_id = await _insert(work, new, len(device_ids))
    refused = [
        refusal
        for device_id in device_ids
        if (refusal := await _issue_one(work, new, group_id, device_id, facts))
    ]
    stored = Jsonb([asdict(each) for each in refused])
    await work.db.execute(SQL["set_refused"], (stored, group_id))
    return await group_by_id(work.db, group_id)


async def group_by_id(db: Connection, group_id: UUID) -> GroupView:
    """Raises NotFound."""
    async with db.cursor(row_factory=record_row(_Parent)) as cursor:
        await cursor.execute(SQL["group"], (group_id,))
        parent = await cursor.fetchone()
    if parent is None:
        raise NotFound(f"there is no group order {group_id}", group_id=str(group_id))
    async with db.cursor(row_factory=record_row(GroupMember)) as cursor_of_members:
        await cursor_of_members.execute(SQL["group_members"], (group_id,))
        members = await cursor_of_members.fetchall()
    return _view(parent, members)


def _view(parent: _Parent, members: list[GroupMember]) -> GroupView:
    refused = tuple(NotSent(**each) for each in parent.refused)
    silent = [each.device_id for each in members if not _confirmed(each)]
    confirmed = len(members) - len(silent)
    return GroupView(
        group_id=parent.group_id,
        type=parent.type,
        case_id=parent.case_id,
        reason=parent.reason,
        issued_by=parent.issued_by,
        issued_at=parent.issued_at,
        quorum=parent.quorum,
        confirmed=confirmed,
        quorum_reached=confirmed >= parent.quorum,
        states=Counter(each.state for each in members),
        members=tuple(members),
        refused=refused,
        stragglers=(*silent, *(each.device_id for each in refused)),
    )


def _confirmed(member: GroupMember) -> bool:
    """Whether the device has it and did not say later that it came to nothing."""
    return member.delivered_at is not None and member.state not in _CAME_TO_NOTHING


async def _insert(work: UnitOfWork, new: NewGroup, chosen: int) -> UUID:
    group_id = uuid4()
    selection: dict[str, JsonValue] = {"by": type(new.selection).__name__, **asdict(new.selection)}
    await work.db.execute(
        SQL["insert_group"],
        {
            "group_id": group_id,
            "type": str(new.type),
            "case_id": new.case_id,
            "selection": Jsonb(selection),
            "quorum": chosen if new.quorum is None else min(new.quorum, chosen),
            "reason": new.reason,
            "issued_by": work.actor,
            "issued_at": work.now,
        },
    )
    return group_id


async def _issue_one(
    work: UnitOfWork, new: NewGroup, group_id: UUID, device_id: str, facts: CaseFacts | None
) -> NotSent | None:
    command = NewCommand(
        device_id=device_id,
        type=new.type,
        body=new.body,
        case_id=new.case_id,
        reason=new.reason,
        priority=new.priority,
        group_id=group_id,
    )
    try:
        await issue(work, command, facts)
    except (GuardRefused, Conflict, NotFound) as error:
        return NotSent(device_id, error.detail)
    return None
