"""How long each type of command may take: to reach the device, to be taken on, to be finished."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.commands.command import UNDELIVERED, CommandState
from wire.messages import CommandType

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86400.0

TASKS = frozenset({CommandType.DISPATCH, CommandType.VERIFY, CommandType.GUARD})
"""Commands that send a holder to a place; at most one of a type is active per case and device."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """The time limits of a command, in seconds.

    `wait_s`: how long it waits for an offline device (None: not at all). `deliver_s`: how long it
    may take to reach a device that is online.
    `accept_s` None: no person has to accept it. `finish_s` None: it lasts until it is ended. A command
    is done when it reaches `done_at`. `next_best`: if it isn't delivered or accepted, the next best
    device is asked.
    """

    wait_s: float | None
    deliver_s: float
    accept_s: float | None = None
    finish_s: float | None = None
    done_at: CommandState = CommandState.SUCCEEDED
    next_best: bool = False


_JOB = TimeLimits(wait_s=7 * DAY_S, deliver_s=7 * DAY_S, finish_s=HOUR_S)
_CAMERA = TimeLimits(wait_s=None, deliver_s=5, finish_s=30)
_SPOKEN = TimeLimits(wait_s=None, deliver_s=8, done_at=CommandState.DELIVERED)

LIMITS: Mapping[CommandType, TimeLimits] = {
    CommandType.LOCATE: TimeLimits(wait_s=None, deliver_s=10, finish_s=20),
    CommandType.MESSAGE: TimeLimits(
        wait_s=4 * HOUR_S,
        deliver_s=4 * HOUR_S,
        accept_s=10 * MINUTE_S,
        done_at=CommandState.ACCEPTED,
    ),
    CommandType.DISPATCH: TimeLimits(
        wait_s=30 * MINUTE_S, deliver_s=15, accept_s=120, finish_s=DAY_S, next_best=True
    ),
    CommandType.VERIFY: TimeLimits(
        wait_s=10 * MINUTE_S, deliver_s=10 * MINUTE_S, accept_s=90, finish_s=30 * MINUTE_S
    ),
    CommandType.GUARD: TimeLimits(
        wait_s=30 * MINUTE_S, deliver_s=15, accept_s=120, finish_s=None, next_best=True
    ),
    CommandType.SNAPSHOT: TimeLimits(wait_s=2 * MINUTE_S, deliver_s=2 * MINUTE_S, finish_s=30),
    CommandType.VIDEO_START: TimeLimits(
        wait_s=None, deliver_s=8, accept_s=20, finish_s=31 * MINUTE_S
    ),
    CommandType.VIDEO_STOP: TimeLimits(wait_s=None, deliver_s=8, finish_s=20),
    CommandType.TALK_START: _SPOKEN,
    CommandType.BROADCAST: _SPOKEN,
    CommandType.CONFIG: _JOB,
    CommandType.MODEL_UPDATE: _JOB,
    CommandType.REBOOT: _JOB,
    CommandType.LOCK: _JOB,
    CommandType.PTZ_GOTO: _CAMERA,
    CommandType.RECORD_CLIP: replace(_CAMERA, finish_s=150),
}


def limits_of(
    type_: CommandType,
    *,
    case_limit_s: float | None = None,
    case_left_s: float | None = None,
    finish_within_s: float | None = None,
) -> TimeLimits:
    """The limits of one command. A dispatch waits a quarter of its case's limit for an offline
    device and is to be finished with the case; `finish_within_s` is the limit of a job itself.
    """
    limits = LIMITS[type_]
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
