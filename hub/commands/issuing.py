"""Give an order to a device: checked, written down and put into the outbox in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation
from pydantic import BaseModel

from hub.cases.case_facts import CaseFacts, case_facts
from hub.commands.command import CommandState
from hub.commands.limits import TASKS, Limits, limits_of
from hub.commands.moving import tell
from hub.commands.orders import TAKES, order, order_again, storable, task_body
from hub.commands.store import (
    CommandRow,
    NewLine,
    Recipient,
    append_histories,
    insert_command,
    recipient,
)
from hub.db import Connection
from hub.errors import Conflict, GuardRefused, Unavailable
from hub.journal.unit_of_work import UnitOfWork
from wire import topics
from wire.messages import Command, CommandType
from wire.messages.commands import ClipBody
from wire.topics import Kind, Leaf


@dataclass(frozen=True, slots=True)
class NewCommand:
    """An order to be given. A task's body is made from its case where none is given.

    `reason` is why it is given. `chosen_rank` is the device's rank in the recommendation.
    `finish_within_s` is the limit of a job that the type's own doesn't fit.
    """

    device_id: str
    type: CommandType
    body: BaseModel | None = None
    case_id: int | None = None
    reason: str | None = None
    recommendation_id: UUID | None = None
    chosen_rank: int | None = None
    priority: int | None = None
    supersedes: UUID | None = None
    finish_within_s: float | None = None
    group_id: UUID | None = None


async def issue(work: UnitOfWork, new: NewCommand) -> CommandRow:
    """Give an order.

    Raises NotFound (device, case, recommendation), InvalidInput (the body), GuardRefused (the
    device is offline and the order doesn't wait; the case has ended; no reason given), Conflict
    (the device has this task already).
    """
    to = await recipient(work.db, new.device_id)
    if new.type not in TAKES[Kind(to.kind)]:
        raise GuardRefused(
            f"{to.device_id} is no device that takes {new.type}",
            guard="device_takes_command",
            device_id=to.device_id,
            type=str(new.type),
        )
    facts = None if new.case_id is None else await case_facts(work.db, new.case_id)
    body = await _body(work.db, new, facts)
    limits = _limits(new, body, facts, work.now)
    online = to.online(work.now)
    if not online and limits.wait_s is None:
        raise _offline(to, new.type, work.now)
    wait_s = limits.deliver_s if online else limits.wait_s
    assert wait_s is not None
    row = CommandRow(
        command_id=uuid4(),
        device_id=new.device_id,
        type=str(new.type),
        body={} if body is None else storable(body),
        case_id=new.case_id,
        priority=_priority(new, facts),
        state=CommandState.QUEUED if online else CommandState.CREATED,
        rev=0,
        issued_at=work.now,
        expires_at=work.now + timedelta(seconds=wait_s),
        accept_within_s=limits.accept_s,
        finish_within_s=limits.finish_s,
        timer_at=work.now + timedelta(seconds=wait_s),
        sent_at=None,
        delivered_at=None,
        accepted_at=None,
        finished_at=None,
        reason=new.reason,
        result=None,
        issued_by=work.actor,
        recommendation_id=new.recommendation_id,
        chosen_rank=new.chosen_rank,
        supersedes=new.supersedes,
        group_id=new.group_id,
    )
    message = order(
        row.command_id,
        new.type,
        body,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        priority=row.priority,
        case_id=row.case_id,
    )
    await _insert(work, row)
    lines = [
        NewLine(
            command_id=row.command_id, state=CommandState.CREATED, at=work.now, reason=new.reason
        )
    ]
    if online:
        await _send(work, row, to, message)
        lines.append(NewLine(command_id=row.command_id, state=CommandState.QUEUED, at=work.now))
    await append_histories(work.db, lines)
    tell(work, row, kind="command_issued", from_state=None, reason=new.reason)
    return row


async def send_again(work: UnitOfWork, row: CommandRow, to: Recipient) -> None:
    """Put the order of a stored command into the outbox once more."""
    await _send(work, row, to, order_again(row))


async def _send(work: UnitOfWork, row: CommandRow, to: Recipient, message: Command) -> None:
    if to.district is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    topic = topics.device(
        to.district, Kind(to.kind), to.device_id, Leaf.COMMANDS, str(row.command_id)
    )
    work.publish(
        topic,
        message,
        correlation=str(row.command_id),
        expires_at=row.expires_at,
    )


async def _insert(work: UnitOfWork, row: CommandRow) -> None:
    try:
        async with work.db.transaction():
            await insert_command(work.db, row)
    except UniqueViolation as error:
        raise Conflict(
            f"{row.device_id} has a {row.type} for this case already; cancel it, or choose another",
            device_id=row.device_id,
            case_id=row.case_id,
            type=row.type,
        ) from error


async def _body(db: Connection, new: NewCommand, facts: CaseFacts | None) -> BaseModel | None:
    if facts is not None and new.type in TASKS:
        if facts.ended:
            raise GuardRefused(
                f"case {facts.case_no} has ended ({facts.state}); nobody is sent to it",
                guard="case_open",
                state=facts.state,
            )
        return new.body or await task_body(db, facts, new.type)
    return new.body


def _limits(
    new: NewCommand, body: BaseModel | None, facts: CaseFacts | None, now: datetime
) -> Limits:
    finish_s = new.finish_within_s
    if isinstance(body, ClipBody):
        finish_s = body.length_s + 30.0
    if facts is None or facts.due_at is None:
        return limits_of(new.type, finish_within_s=finish_s)
    since = facts.routed_at or now
    return limits_of(
        new.type,
        case_limit_s=(facts.due_at - since).total_seconds(),
        case_left_s=(facts.due_at - now).total_seconds(),
        finish_within_s=finish_s,
    )


def _priority(new: NewCommand, facts: CaseFacts | None) -> int:
    if new.priority is not None:
        return new.priority
    return 0 if facts is None else facts.priority


def _offline(to: Recipient, type_: CommandType, now: datetime) -> GuardRefused:
    heard = "was never heard of"
    if to.last_uplink_at is not None:
        silent_s = int((now - to.last_uplink_at).total_seconds())
        heard = f"was last heard of {silent_s} s ago"
    return GuardRefused(
        f"{to.device_id} is not online ({heard}), and {type_} does not wait for it; "
        "choose another device, or try again when it is back",
        guard="device_online",
        device_id=to.device_id,
        type=str(type_),
    )
