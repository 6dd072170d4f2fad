"""How far a device has got with what it should run. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wire.messages import ModelState

_GIVEN_UP = (ModelState.REFUSED, ModelState.ROLLED_BACK)


class Sync(StrEnum):
    """A device's own word, compared with what it was told."""

    IN_STEP = "in_step"
    UNDER_WAY = "under_way"
    """It fetches the model, or tries it beside the one in use."""
    BEHIND = "behind"
    """It has not answered to the newest wish."""
    REFUSED = "refused"
    """It runs something else, and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One aspect of a device from both sides, by numbers alone.

    `version`, `error` and `reported_at` are of the device's newest report, `state` too, which only
    models have; it speaks of the wish of version `answers`.
    """

    desired_version: int | None = None
    desired_at: datetime | None = None
    version: int | None = None
    error: str | None = None
    reported_at: datetime | None = None
    state: str | None = None
    answers: int | None = None


def sync_of(standing: Standing) -> Sync | None:
    """None where nothing was wished for."""
    if standing.desired_version is None or standing.desired_at is None:
        return None
    if standing.reported_at is None:
        return Sync.BEHIND
    if standing.state is not None:
        return _of_model(standing, ModelState(standing.state))
    if standing.error is not None:
        return Sync.REFUSED if standing.reported_at >= standing.desired_at else Sync.BEHIND
    return Sync.IN_STEP if standing.version == standing.desired_version else Sync.BEHIND


def _of_model(standing: Standing, state: ModelState) -> Sync:
    if standing.answers != standing.desired_version:
        return Sync.BEHIND
    if state in _GIVEN_UP:
        return Sync.REFUSED
    return Sync.IN_STEP if state is ModelState.ACTIVE else Sync.UNDER_WAY
