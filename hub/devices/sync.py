"""The progress of a device towards what it should run. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wire.messages import ModelState

_STATES = frozenset(map(str, ModelState))
_GIVEN_UP = (ModelState.REFUSED, ModelState.ROLLED_BACK)


class Sync(StrEnum):
    """What a device reports, compared with its desired state."""

    IN_STEP = "in_step"
    UNDER_WAY = "under_way"
    """It downloads the model, or tries it beside the one in use."""
    BEHIND = "behind"
    """It has not answered the newest revision."""
    REFUSED = "refused"
    """It runs something else and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts:
    """The desired and the reported revision of one aspect of a device.

    `version`, `error`, `state` and `reported_at` come from the device's newest report. Only models
    have a `state`; it belongs to the revision `answers`. A state that the hub doesn't know counts as none.
    """

    desired_version: int | None = None
    desired_at: datetime | None = None
    version: int | None = None
    error: str | None = None
    reported_at: datetime | None = None
    state: str | None = None
    answers: int | None = None


def sync_of(facts: SyncFacts) -> Sync | None:
    """The progress of the device; None if it has no desired state."""
    if facts.desired_version is None or facts.desired_at is None:
        return None
    if facts.reported_at is None:
        return Sync.BEHIND
    if facts.state in _STATES:
        return _of_model(facts, ModelState(facts.state))
    if facts.error is not None:
        return Sync.REFUSED if facts.reported_at >= facts.desired_at else Sync.BEHIND
    return Sync.IN_STEP if facts.version == facts.desired_version else Sync.BEHIND


def _of_model(facts: SyncFacts, state: ModelState) -> Sync:
    if facts.answers != facts.desired_version:
        return Sync.BEHIND
    if state in _GIVEN_UP:
        return Sync.REFUSED
    return Sync.IN_STEP if state is ModelState.ACTIVE else Sync.UNDER_WAY
