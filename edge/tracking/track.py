"""A track: one object in one camera's picture, and what all inferences say about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.boxes import ImageBox
from edge.tracking.kinds import ObjectKind
from wire.messages import DetectionType


class TrackState(StrEnum):
    """The state of a track. A cleared track is deleted: the next fault there is a new one."""

    TENTATIVE = "tentative"
    """Seen, but not certain yet and not published."""
    CONFIRMED = "confirmed"
    """Certain and published."""
    LOST = "lost"
    """Published, but not seen for long. If it comes back within a day, it is the same fault."""


@dataclass(frozen=True, slots=True)
class ObjectTrack:
    """`fault` is the log-odds that a fault is there, `sound` that the object is sound again.

    `urgent` is the log-odds that the fault is of the urgent class (an open hole) rather than of the
    other class of its kind. `hits`, `sound_hits` and `misses` count inferences, `seq` what was
    published. `score` is that of the last observation of the object, faulty or sound.
    """

    detection_id: str
    camera_id: str
    kind: ObjectKind
    state: TrackState
    label: str
    box: ImageBox
    score: float
    first_seen_at: datetime
    seen_at: datetime
    looked_at: datetime
    fault: float = 0.0
    sound: float = 0.0
    urgent: float = 0.0
    hits: int = 0
    sound_hits: int = 0
    sound_since_at: datetime | None = None
    misses: int = 0
    seq: int = 0
    published_at: datetime | None = None
    doubt_since_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrackTransition:
    """Something to publish: the track after an inference."""

    type: DetectionType
    track: ObjectTrack
    routine: bool = False
    """It only repeats that a known fault is still there."""
