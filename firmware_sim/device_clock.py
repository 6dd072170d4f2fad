"""A device's own clock, which may be wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class DeviceClock:
    """Runs `ahead_s` seconds before the true time (negative: behind it)."""

    ahead_s: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)
