"""The times of each type of command: the hub keeps them, and docs/wire.md shows them to makers."""

from collections.abc import Mapping
from dataclasses import dataclass

from wire.messages import CommandType

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class CommandTimes:
    """The times of one type of command, in seconds.

    `wait_s`: how long it waits for a device that is offline (None: not at all). `deliver_s`: how
    long it may take to reach a device that is online; the one that applies gives `expires_at`.
    `accept_s`, counted from `delivered`: how long a person may take to answer (None: nobody is asked).
    `finish_s`, counted from `accepted`, or from `delivered` if nobody is asked: how long the device
    may take to say `succeeded` or `failed` (None: it lasts until it is ended).
    `ends_when_read`: `accepted` means that its holder has read it, and is its success.
    `note` says what else changes these times.
    """

    wait_s: float | None
    deliver_s: float
    accept_s: float | None = None
    finish_s: float | None = None
    ends_when_read: bool = False
    note: str = ""


_JOB = CommandTimes(wait_s=7 * DAY_S, deliver_s=7 * DAY_S, finish_s=HOUR_S)

COMMAND_TIMES: Mapping[CommandType, CommandTimes] = {
    CommandType.LOCATE: CommandTimes(wait_s=None, deliver_s=10, finish_s=20),
    CommandType.MESSAGE: CommandTimes(
        wait_s=4 * HOUR_S, deliver_s=4 * HOUR_S, accept_s=10 * MINUTE_S, ends_when_read=True
    ),
    CommandType.DISPATCH: CommandTimes(
        wait_s=30 * MINUTE_S,
        deliver_s=15,
        accept_s=120,
        finish_s=DAY_S,
        note="waits a quarter of its case's limit, and is finished with its case",
    ),
    CommandType.VERIFY: CommandTimes(
        wait_s=10 * MINUTE_S, deliver_s=10 * MINUTE_S, accept_s=90, finish_s=30 * MINUTE_S
    ),
    CommandType.GUARD: CommandTimes(
        wait_s=30 * MINUTE_S, deliver_s=15, accept_s=120, note="lasts until it is relieved"
    ),
    CommandType.SNAPSHOT: CommandTimes(wait_s=2 * MINUTE_S, deliver_s=2 * MINUTE_S, finish_s=30),
    CommandType.VIDEO_START: CommandTimes(
        wait_s=None,
        deliver_s=8,
        finish_s=31 * MINUTE_S,
        note="first picture within 15 s of the holder's yes; finished 60 s after `max_s`",
    ),
    CommandType.VIDEO_STOP: CommandTimes(wait_s=None, deliver_s=8, finish_s=20),
    CommandType.TALK_START: CommandTimes(wait_s=None, deliver_s=8, finish_s=20),
    # A text of the greatest length takes almost so long to speak.
    CommandType.BROADCAST: CommandTimes(wait_s=None, deliver_s=8, finish_s=10 * MINUTE_S),
    CommandType.CONFIG: _JOB,
    CommandType.MODEL_UPDATE: _JOB,
    CommandType.REBOOT: _JOB,
    CommandType.LOCK: _JOB,
    CommandType.PTZ_GOTO: CommandTimes(wait_s=None, deliver_s=5, finish_s=30),
    CommandType.RECORD_CLIP: CommandTimes(
        wait_s=None, deliver_s=5, finish_s=150, note="finished 30 s after `length_s`"
    ),
}


def in_words(type_: CommandType) -> str:
    """The times of a type as a sentence, for its schema."""
    times = COMMAND_TIMES[type_]
    waits = "doesn't wait for" if times.wait_s is None else f"waits {duration(times.wait_s)} for"
    steps = [f"`delivered` within {duration(times.deliver_s)}"]
    if times.accept_s is not None:
        steps.append(f"then `accepted` or `rejected` within {duration(times.accept_s)}")
    if times.finish_s is not None:
        steps.append(f"then `succeeded` or `failed` within {duration(times.finish_s)}")
    end = " `accepted` ends it." if times.ends_when_read else ""
    note = f" ({times.note})" if times.note else ""
    return f"`{type_}` {waits} an offline device: {', '.join(steps)}{note}.{end}"


def duration(seconds: float) -> str:
    """In the largest unit that gives a whole number: `120 s` as `2 min`."""
    for unit_s, name in ((DAY_S, "days"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:.0f} {name.removesuffix('s') if seconds == unit_s else name}"
    return f"{seconds:.0f} s"
