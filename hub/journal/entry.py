"""One line of the journal."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue


class Subject(StrEnum):
    """What an entry is about; (subject, subject_id) has one hash chain."""

    CASE = "case"
    COMMAND = "command"
    VIDEO = "video"
    DEVICE = "device"
    SIGNAL = "signal"
    ACCOUNT = "account"
    CATALOGUE = "catalogue"
    GEOFENCE = "geofence"
    MONITOR_MODE = "monitor_mode"
    """What automation may do with the detections of a camera and class, or of a severity."""
    LETTER = "letter"
    LADDER = "ladder"
    INDICATOR = "indicator"
    GRID_WORKER = "grid_worker"
    POINTS = "points"
    MATTER = "matter"
    WEEKLY_LIST = "weekly_list"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be appended. `actor` is `user:NAME`, `device:ID` or `system:PART`.

    `event` and the two states are set if a state machine moved.
    """

    subject: Subject
    subject_id: str
    kind: str
    actor: str
    at: datetime
    event: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    data: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the journal; `journal_id` is the cursor of live updates."""

    journal_id: int
    at: datetime
    subject: str
    subject_id: str
    kind: str
    actor: str
    event: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]
    prev_hash: str
    hash: str
