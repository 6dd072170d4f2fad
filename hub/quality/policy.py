"""What may become a case by itself: the policy of each severity, and the cameras that only monitor. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.catalogue import Severity
from hub.quality.precision import VerdictCounts, percent


class Permission(StrEnum):
    """What automation may do with a detection."""

    AUTOMATIC = "automatic"
    NOT_AUTOMATIC = "not_automatic"
    """It may join an open case; a person files a new one, as the policy of its severity says."""
    MONITORED = "monitored"
    """It does nothing; it notes what it would have done."""


@dataclass(frozen=True, slots=True)
class FilingPolicy:
    """For one severity: whether detections become cases by themselves, and how right a camera must be.

    A camera and class with `least_verdicts` verdicts or more, of which fewer than `least_precision` are
    right, is set to monitor.
    """

    severity: Severity
    automatic: bool
    least_precision: float
    least_verdicts: int

    def is_met(self, counts: VerdictCounts) -> bool:
        """With too few verdicts to tell, it is met."""
        precision = counts.precision
        too_few = counts.decided < self.least_verdicts
        return too_few or precision is None or precision >= self.least_precision

    def complaint(self, counts: VerdictCounts) -> str:
        """Why a camera and class are set to monitor, for people to read."""
        shown, least = percent(counts.precision), percent(self.least_precision)
        figures = f"{counts.right} / {counts.decided} = {shown} < {least}"
        return f"准确率低于要求 / precision below the policy: {figures}"


@dataclass(frozen=True, slots=True)
class MonitorMode:
    """A camera and class that only monitor; None stands for every camera or every class."""

    monitor_mode_id: int
    camera_id: str | None
    label: str | None
    set_at: datetime
    set_by: str
    reason: str

    @property
    def name(self) -> str:
        return mode_name(self.camera_id, self.label)


def mode_name(camera_id: str | None, label: str | None) -> str:
    """A camera and class as the journal names them: `C-001/manhole_broken`, with `*` for every one."""
    return f"{camera_id or '*'}/{label or '*'}"
