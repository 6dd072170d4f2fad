"""How long devices were away on a day, from the changes of their presence. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.devices.device import Presence


@dataclass(frozen=True, slots=True)
class PresenceChange:
    at: datetime
    to: Presence


def minutes_away(
    before: Presence | None, changes: Iterable[PresenceChange], since: datetime, until: datetime
) -> tuple[int, bool]:
    """Whole minutes between `since` and `until` in which a device was offline, and whether it still is."""
    away, state, at = timedelta(), before, since
    for change in changes:
        if state is Presence.OFFLINE:
            away += change.at - at
        state, at = change.to, change.at
    still = state is Presence.OFFLINE
    if still:
        away += until - at
    return int(away / timedelta(minutes=1)), still
