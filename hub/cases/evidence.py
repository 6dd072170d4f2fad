"""Photos as evidence of a case. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue


class EvidenceKind(StrEnum):
    """How a photo became evidence."""

    DETECTION = "detection"
    """A camera sent it with a detection."""
    REPORT = "report"
    """A terminal sent it with a report."""
    FILING = "filing"
    """An operator added it."""
    STEP = "step"
    """The unit fed it back as proof of a step that is done."""
    REPAIR = "repair"
    """The unit fed it back as proof of its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLink:
    """A photo as evidence of a case.

    `boxes` are [{label, score, x, y, w, h}] in fractions of the picture.
    """

    sha256: str
    kind: EvidenceKind
    signal_id: int | None = None
    device_id: str | None = None
    username: str | None = None
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    boxes: tuple[dict[str, JsonValue], ...] = ()
