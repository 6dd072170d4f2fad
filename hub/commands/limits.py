"""How long each type of command may take: to reach the device, to be taken on, to be finished."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.commands.command import UNDELIVERED, CommandState
from wire.command_times import COMMAND_TIMES, HOUR_S, CommandTimes
from wire.messages import CommandType

TASKS = frozenset({CommandType.DISPATCH, CommandType.VERIFY, CommandType.GUARD})
"""Commands that send a holder to a place; at most one of a type is active per case and device."""


NEXT_BEST = frozenset({CommandType.DISPATCH, CommandType.GUARD})
"""If one of these isn't delivered or accepted, the next best device is asked."""


def limits_of(
    type_: CommandType,
    *,
    case_limit_s: float | None = None,
    case_left_s: float | None = None,
    finish_within_s: float | None = None,
) -> CommandTimes:
    """The limits of one command. A dispatch waits a quarter of its case's limit for an offline
    device and is to be finished with the case; `finish_within_s` is the limit of a job itself.
    """
    limits = COMMAND_TIMES[type_]
    if type_ is CommandType.DISPATCH and case_limit_s is not None:
        limits = replace(limits, wait_s=max(case_limit_s / 4, limits.deliver_s))
    if type_ is CommandType.DISPATCH and case_left_s is not None:
        limits = replace(limits, finish_s=max(case_left_s, HOUR_S))
    if finish_within_s is not None:
        limits = replace(limits, finish_s=finish_within_s)
    return limits


def timer_at(
    state: CommandState,
    since: datetime,
    *,
    expires_at: datetime,
    accept_s: float | None,
    finish_s: float | None,
) -> datetime | None:
    """When a command that reached `state` at `since` runs out; None if it doesn't."""
    if state in UNDELIVERED:
        return expires_at
    if state is CommandState.DELIVERED and accept_s is not None:
        return since + timedelta(seconds=accept_s)
    if finish_s is not None:
        return since + timedelta(seconds=finish_s)
    return None


def runs_out_to(state: CommandState, accept_s: float | None) -> CommandState:
    """The state to which a timer moves a command that is in `state` when its time is up."""
    if state in UNDELIVERED:
        return CommandState.EXPIRED
    if state is CommandState.DELIVERED and accept_s is not None:
        return CommandState.NO_ANSWER
    return CommandState.TIMED_OUT
