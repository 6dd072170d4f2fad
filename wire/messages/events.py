"""What a terminal reports on its own."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from wire.messages.base import Instant, Message, Place, Sha256, Slug, Text, Uuid


class EventType(StrEnum):
    SOS = "sos"
    REPORT = "report"
    CHECKIN = "checkin"
    FALL = "fall"
    LOW_BATTERY = "low_battery"
    GEOFENCE = "geofence"


class TerminalEvent(Message):
    """`event_id` is its identity. `category` names a catalogue item, `condition` one of its own."""

    event_id: Uuid
    type: EventType
    observed_at: Instant
    place: Place | None = None
    text: Text | None = None
    category: Slug | None = None
    condition: Slug | None = None
    evidence: Annotated[tuple[Sha256, ...], Field(max_length=9)] = ()
