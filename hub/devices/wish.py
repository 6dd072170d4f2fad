"""What becomes of one version of what a device is asked to run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from hub.devices.device import Presence
from hub.devices.sync import Sync

ANSWERS_WITHIN = timedelta(minutes=2)
"""A device that is online has read its configuration long before."""
KEPT_FOR = timedelta(days=7)
"""So long a wish waits for a device that is away, or that tries a model."""


class Outcome(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    """Something else was asked for before it was answered."""
    TIMED_OUT = "timed_out"
    """No answer came in time; one that comes late still counts."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish without an answer, and how its device is. `told_since`: since when it could be told."""

    asked_at: datetime
    told_since: datetime | None
    presence: Presence
    sync: Sync | None


_ANSWERS = {Sync.IN_STEP: Outcome.APPLIED, Sync.REFUSED: Outcome.REFUSED}


def outcome_of(sync: Sync | None) -> Outcome | None:
    """The outcome that a device's own word tells of its newest wish, if it does."""
    return None if sync is None else _ANSWERS.get(sync)


def is_timed_out(now: datetime, wish: Waiting) -> bool:
    """Whether nothing more is to be expected: a device that is online answers within minutes."""
    if now - wish.asked_at >= KEPT_FOR:
        return True
    if wish.presence is not Presence.ONLINE or wish.sync is Sync.UNDER_WAY:
        return False
    told_at = max(wish.asked_at, wish.told_since or wish.asked_at)
    return now - told_at >= ANSWERS_WITHIN


def differing(before: JsonValue, after: JsonValue, path: str = "") -> tuple[str, ...]:
    """The paths at which two settings differ, in order; what is in a list counts as one."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return () if before == after else (path or ".",)
    found: list[str] = []
    for key in sorted({*before, *after}):
        inner = f"{path}.{key}" if path else key
        if key in before and key in after:
            found += differing(before[key], after[key], inner)
        else:
            found.append(inner)
    return tuple(found)
