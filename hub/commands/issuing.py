"""Give an order to a device: checked, written down and put into the outbox in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from pydantic import BaseModel

from hub.cases.case_facts import CaseFacts, case_facts
from hub.commands.command import CommandState
from hub.commands.limits import TASKS, limits_of
from hub.commands.moving import tell
from hub.commands.orders import order, order_again, storable, task_body
from hub.commands.store import (
    CommandRow,
    NewHistoryLine,
    Recipient,
    append_histories,
    insert_command,
    recipient,
)
from hub.db import Connection
from hub.errors import Conflict, GuardRefused, Unavailable
from hub.journal.unit_of_work import UnitOfWork
from wire import topics
from wire.command_times import CommandTimes
from wire.messages import Command, CommandType
from wire.messages.commands import TAKES, ClipBody
from wire.topics import Kind, Leaf


@dataclass(frozen=True, slots=True)
class NewCommand:
    """An order to be given. A task's body is made from its case if none is given.

    `reason` is why it is given. `chosen_rank` is the device's rank in the recommendation.
    `finish_within_s` replaces the time limit that its type has for finishing.
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """An order worked out: its body, limits and priority; it may take `within_s` to reach its device."""

    body: BaseModel | None
    limits: CommandTimes
    priority: int
    online: bool
    within_s: float


async def issue(work: UnitOfWork, new: NewCommand, facts: CaseFacts | None = None) -> CommandRow:
    """Give an order. `facts` are its case's, from a caller that has read them.

    Raises NotFound (device, case, recommendation), InvalidInput (the body), GuardRefused (the
    device is offline and the order doesn't wait; the case has ended; no reason given), Conflict
    (the device has this task already).
    """
    to = await recipient(work.db, new.device_id)
    _check_takes(to, new.type)
    if facts is None and new.case_id is not None:
        facts = await case_facts(work.db, new.case_id)
    plan = await _plan(work, new, to, facts)
    row = _row(work, new, plan)
    message = order(row, plan.body)
    if not await insert_command(work.db, row):
        raise _has_it(row)
    created = NewHistoryLine(
        command_id=row.command_id, state=CommandState.CREATED, at=work.now, reason=new.reason
    )
    lines = [created]
    if plan.online:
        _send(work, row, to, message)
        lines.append(replace(created, state=CommandState.QUEUED, reason=None))
    await append_histories(work.db, lines)
    tell(work, row, kind="command_issued", from_state=None, reason=new.reason)
    return row


def send_again(work: UnitOfWork, row: CommandRow, to: Recipient) -> None:
    """Put the order of a stored command into the outbox once more."""
    _send(work, row, to, order_again(row, work.now))


def _send(work: UnitOfWork, row: CommandRow, to: Recipient, message: Command) -> None:
    if to.district is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    work.publish(
        topics.device(to.district, to.kind, to.device_id, Leaf.COMMANDS, str(row.command_id)),
        message,
        correlation=str(row.command_id),
        expires_at=row.expires_at,
    )


def _check_takes(to: Recipient, type_: CommandType) -> None:
    if type_ not in TAKES[to.kind]:
        instead = "; set what it should run instead" if to.kind is Kind.EDGE else ""
        raise GuardRefused(
            f"{to.device_id} is not a kind of device that takes {type_}{instead}",
            guard="device_takes_command",
            device_id=to.device_id,
            type=str(type_),
        )


async def _plan(work: UnitOfWork, new: NewCommand, to: Recipient, facts: CaseFacts | None) -> _Plan:
    """Raises GuardRefused if the case has ended, or if the order doesn't wait for its device."""
    body = await _body(work.db, new, facts)
    limits = _limits(new, body, facts, work.now)
    online = to.online(work.now)
    within_s = limits.deliver_s if online else limits.wait_s
    if within_s is None:
        raise _offline(to, new.type, work.now)
    return _Plan(body, limits, _priority(new, facts), online, within_s)


def _row(work: UnitOfWork, new: NewCommand, plan: _Plan) -> CommandRow:
    expires_at = work.now + timedelta(seconds=plan.within_s)
    return CommandRow(
        command_id=uuid4(),
        device_id=new.device_id,
        type=new.type,
        body={} if plan.body is None else storable(plan.body),
        case_id=new.case_id,
        priority=plan.priority,
        state=CommandState.QUEUED if plan.online else CommandState.CREATED,
        rev=0,
        issued_at=work.now,
        expires_at=expires_at,
        accept_within_s=plan.limits.accept_s,
        finish_within_s=plan.limits.finish_s,
        timer_at=expires_at,
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


def _has_it(row: CommandRow) -> Conflict:
    return Conflict(
        f"{row.device_id} already has a {row.type} for this case; cancel that one, or choose another device",
        device_id=row.device_id,
        case_id=row.case_id,
        type=str(row.type),
    )


async def _body(db: Connection, new: NewCommand, facts: CaseFacts | None) -> BaseModel | None:
    if facts is not None and new.type in TASKS:
        if facts.ended:
            raise GuardRefused(
                f"case {facts.case_no} has ended ({facts.state}); nobody is sent to it",
                guard="case_open",
                state=facts.state,
            )
        if facts.caller is not None and facts.caller.device_id == new.device_id:
            raise GuardRefused(
                f"{new.device_id} raised this alarm; send somebody else to its holder",
                guard="not_the_caller",
                device_id=new.device_id,
            )
        return new.body or await task_body(db, facts, new.type)
    return new.body


def _limits(
    new: NewCommand, body: BaseModel | None, facts: CaseFacts | None, now: datetime
) -> CommandTimes:
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
    heard = "never heard from"
    if to.last_uplink_at is not None:
        silent_s = int((now - to.last_uplink_at).total_seconds())
        heard = f"last heard from {silent_s} s ago"
    return GuardRefused(
        f"{to.device_id} is not online ({heard}), and {type_} does not wait for it; "
        "choose another device, or try again when it is back",
        guard="device_online",
        device_id=to.device_id,
        type=str(type_),
    )
