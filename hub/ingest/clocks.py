"""How far the clocks of devices are off: the median over the last messages of each device."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import NamedTuple

from hub.ingest.rows import TelemetryRow

KEPT_READINGS = 31
REPORTED_EVERY_S = 60.0


class ClockSkew(NamedTuple):
    """Seconds by which a device's clock is ahead of the hub's; negative if it is behind.

    `error_s` is what its instants are corrected by, 0 if they are taken as they are.
    """

    device_id: str
    skew_s: float
    measured_at: datetime
    error_s: float


@dataclass(slots=True)
class _Readings:
    """One reading per message, taken from its newest sample, which travelled for the shortest time."""

    skews_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_READINGS))
    error_s: float = 0.0
    received_at: datetime | None = None
    reported_at: datetime | None = None


class Clocks:
    """The last readings of every device that this process hears from."""

    def __init__(self) -> None:
        self._devices: dict[str, _Readings] = {}

    def read(self, rows: Iterable[TelemetryRow]) -> None:
        """Take readings from live samples; a backlog says nothing about a clock."""
        for row in rows:
            if row.backlog:
                continue
            readings = self._devices.get(row.device_id)
            if readings is None:
                readings = self._devices[row.device_id] = _Readings()
            readings.error_s = row.clock_error_s or 0.0
            skew_s = (row.observed_at - row.received_at).total_seconds() + readings.error_s
            if readings.received_at == row.received_at:
                readings.skews_s[-1] = max(readings.skews_s[-1], skew_s)
            else:
                readings.skews_s.append(skew_s)
                readings.received_at = row.received_at

    def due(self, devices: Iterable[str]) -> list[ClockSkew]:
        """The skews of these devices not reported within REPORTED_EVERY_S; marks them as reported."""
        skews = []
        for device_id in sorted(set(devices)):
            readings = self._devices.get(device_id)
            if readings is None or (at := readings.received_at) is None:
                continue
            if (
                readings.reported_at is None
                or abs((at - readings.reported_at).total_seconds()) >= REPORTED_EVERY_S
            ):
                readings.reported_at = at
                skew_s = median(readings.skews_s)
                skews.append(ClockSkew(device_id, skew_s, at, readings.error_s))
        return skews
