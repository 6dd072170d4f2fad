"""How far devices' clocks are off: the median over what each has sent lately. Pure but for its memory."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import NamedTuple

from hub.ingest.sorting import TelemetryRow

KEPT_READINGS = 31
TOLD_EVERY_S = 60.0


class Skew(NamedTuple):
    """Seconds by which a device's clock is ahead of the hub's; negative where it is behind."""

    device_id: str
    skew_s: float
    measured_at: datetime


@dataclass(slots=True)
class _Readings:
    """One per message: its newest sample was the shortest time on the way."""

    skews_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_READINGS))
    received_at: datetime | None = None
    told_at: datetime | None = None


class Clocks:
    """The readings of every device that this process hears."""

    def __init__(self) -> None:
        self._devices: dict[str, _Readings] = {}

    def read(self, rows: Iterable[TelemetryRow]) -> None:
        """Take note of live samples; what was recorded while cut off tells nothing of a clock."""
        for row in rows:
            if row.backlog:
                continue
            readings = self._devices.get(row.device_id)
            if readings is None:
                readings = self._devices[row.device_id] = _Readings()
            skew_s = (row.observed_at - row.received_at).total_seconds()
            if readings.received_at == row.received_at:
                readings.skews_s[-1] = max(readings.skews_s[-1], skew_s)
            else:
                readings.skews_s.append(skew_s)
                readings.received_at = row.received_at

    def due(self, devices: Iterable[str]) -> list[Skew]:
        """The skews, of these devices, that were not told for TOLD_EVERY_S; they count as told now."""
        skews = []
        for device_id in sorted(set(devices)):
            readings = self._devices.get(device_id)
            if readings is None or (at := readings.received_at) is None:
                continue
            if (
                readings.told_at is None
                or abs((at - readings.told_at).total_seconds()) >= TOLD_EVERY_S
            ):
                readings.told_at = at
                skews.append(Skew(device_id, median(readings.skews_s), at))
        return skews
