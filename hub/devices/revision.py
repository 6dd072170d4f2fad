"""The outcome of one revision of what a device should run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from hub.devices.device import Presence
from hub.devices.sync import Sync

ANSWERS_WITHIN = timedelta(minutes=2)
"""A device that is online answers much sooner."""
KEPT_FOR = timedelta(days=7)
"""How long a revision waits for a device that is away, or that tries a model."""


class RevisionOutcome(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    """A newer revision came before the device answered."""
    TIMED_OUT = "timed_out"
    """No answer came in time; a late answer still counts."""


@dataclass(frozen=True, slots=True)
class PendingRevision:
    """A revision without an answer. `told_since` is when a connected device last connected."""

    asked_at: datetime
    told_since: datetime | None
    presence: Presence
    sync: Sync | None


_ANSWERS = {Sync.IN_STEP: RevisionOutcome.APPLIED, Sync.REFUSED: RevisionOutcome.REFUSED}


def outcome_of(sync: Sync | None) -> RevisionOutcome | None:
    """The outcome of the newest revision by the device's own report; None if it has not answered."""
    return None if sync is None else _ANSWERS.get(sync)


def is_timed_out(now: datetime, revision: PendingRevision) -> bool:
    """Whether no answer is expected any longer: a device that is online answers within minutes."""
    if now - revision.asked_at >= KEPT_FOR:
        return True
    if revision.presence is not Presence.ONLINE or revision.sync is Sync.UNDER_WAY:
        return False
    told_at = max(revision.asked_at, revision.told_since or revision.asked_at)
    return now - told_at >= ANSWERS_WITHIN


def differing(before: JsonValue, after: JsonValue, path: str = "") -> tuple[str, ...]:
    """The paths at which two settings differ, in order; a list counts as one value."""
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
