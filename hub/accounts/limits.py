"""How many failed log-ins are let through before the next has to wait. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(minutes=1)


class FailuresOf(StrEnum):
    """Whose failures are counted together. Those of a known device count for that device alone."""

    DEVICE = "device"
    """One account on a device on which it has logged in before: strangers can't lock its owner out."""
    NAME_AT_ADDRESS = "name_at_address"
    NAME = "name"
    ADDRESS = "address"
    EVERYBODY = "everybody"


MOST: Mapping[FailuresOf, int] = {
    FailuresOf.DEVICE: 5,
    FailuresOf.NAME_AT_ADDRESS: 5,
    FailuresOf.NAME: 20,
    FailuresOf.ADDRESS: 40,
    FailuresOf.EVERYBODY: 300,
}


@dataclass(frozen=True, slots=True)
class Failures:
    """How many there were within WITHIN, and when the oldest of them was."""

    count: int
    oldest_at: datetime | None


def wait_s(
    failures: Mapping[FailuresOf, Failures], *, on_known_device: bool, now: datetime
) -> float | None:
    """How long the next attempt has to wait, in seconds; None if it may go on."""
    counted = [FailuresOf.DEVICE] if on_known_device else set(MOST) - {FailuresOf.DEVICE}
    waits = [
        (found.oldest_at + WITHIN - now).total_seconds()
        for of in counted
        if (found := failures[of]).count >= MOST[of] and found.oldest_at is not None
    ]
    return max(waits, default=None)
