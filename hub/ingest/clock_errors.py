"""How far clocks are certainly off, so that the instants of their devices can be corrected.

An instant ahead of its arrival shows a wrong clock. One that is behind may only have travelled for long:
it counts if it is behind by years, or by the same time again and again.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from hub.devices.device import CLOCK_BEHIND_S
from wire.limits import CLOCK_AHEAD_S

UNSET_BEHIND_S = 30 * 86400.0
"""Nothing travels for so long: a clock that is further behind was never set."""
STEADY_BEHIND_S = 900.0
"""A clock that is further behind is corrected once readings agree on it."""
STEADY_READINGS = 10
STEADY_WITHIN_S = 60.0
_ROUNDED_TO_S = 60.0
"""So that a message that comes twice, or to two processes, is corrected by the same."""
_AHEAD = timedelta(seconds=CLOCK_AHEAD_S)
_BEHIND = timedelta(seconds=-CLOCK_BEHIND_S)
_NOT_OFF = timedelta()


@dataclass(slots=True)
class _Clock:
    boot_id: str
    error_s: float = 0.0
    readings: deque[tuple[float, datetime]] = field(
        default_factory=lambda: deque(maxlen=STEADY_READINGS)
    )


class ClockErrors:
    """The error of each clock that is wrong, as this process knows it. A boot has a clock of its own."""

    def __init__(self) -> None:
        self._wrong: dict[str, _Clock] = {}

    def remember(self, device_id: str, boot_id: str, error_s: float) -> None:
        """Take over an error that was stored, unless the clock is known already."""
        self._wrong.setdefault(device_id, _Clock(boot_id, error_s))

    def of_live(
        self, device_id: str, boot_id: str, newest_at: datetime, received_at: datetime
    ) -> timedelta:
        """By how much a device's clock is ahead, from the newest sample of a live message."""
        skew = newest_at - received_at
        if _BEHIND <= skew <= _AHEAD:
            if self._wrong:
                self._wrong.pop(device_id, None)
            return _NOT_OFF
        skew_s = skew.total_seconds()
        clock = self._wrong.get(device_id)
        if clock is None or clock.boot_id != boot_id:
            clock = self._wrong[device_id] = _Clock(boot_id)
        clock.readings.append((skew_s, received_at))
        left_s = skew_s - clock.error_s
        if left_s > CLOCK_AHEAD_S or left_s < -UNSET_BEHIND_S:
            clock.error_s = _rounded(skew_s)
        elif left_s < -CLOCK_BEHIND_S and _is_steady(clock.readings):
            clock.error_s = _rounded(median(skew for skew, _ in clock.readings))
        return timedelta(seconds=clock.error_s)

    def of_backlog(
        self, device_id: str, boot_id: str, newest_at: datetime, received_at: datetime
    ) -> timedelta:
        """The same for a backlog, which travels for long and so only shows that a clock is ahead."""
        clock = self._wrong.get(device_id)
        known_s = clock.error_s if clock is not None and clock.boot_id == boot_id else 0.0
        left_s = (newest_at - received_at).total_seconds() - known_s
        return timedelta(seconds=known_s + (_rounded(left_s) if left_s > CLOCK_AHEAD_S else 0.0))


def _is_steady(readings: deque[tuple[float, datetime]]) -> bool:
    skews = [skew_s for skew_s, _ in readings]
    if len(skews) < STEADY_READINGS or max(skews) > -STEADY_BEHIND_S:
        return False
    lasts_s = (readings[-1][1] - readings[0][1]).total_seconds()
    return max(skews) - min(skews) <= STEADY_WITHIN_S <= lasts_s


def _rounded(seconds: float) -> float:
    return round(seconds / _ROUNDED_TO_S) * _ROUNDED_TO_S
