"""The events of the event stream, encoded as the HTML standard's server-sent events."""

from datetime import datetime
from typing import TypeAlias

from pydantic import BaseModel, JsonValue

from hub.journal import Entry


class JournalEvent(BaseModel):
    """An entry of the journal; its id is the cursor to resume from."""

    journal_id: int
    at: datetime
    subject: str
    subject_id: str
    kind: str
    event: str | None
    from_state: str | None
    to_state: str | None
    data: dict[str, JsonValue]


class Hello(BaseModel):
    """The first event of a stream that resumes nothing: all entries after `journal_id` follow."""

    journal_id: int


class LivePosition(BaseModel):
    """A terminal's newest position; speed in m/s, heading in degrees, battery in percent."""

    device_id: str
    lon: float
    lat: float
    heading: float | None
    speed: float | None
    battery: float | None
    presence: str
    observed_at: datetime
    received_at: datetime


class Positions(BaseModel):
    """The terminals that moved since the last event of this kind; the first event has all of them."""

    items: list[LivePosition]


class Ping(BaseModel):
    at: datetime


EventData: TypeAlias = JournalEvent | Hello | Positions | Ping


def encode(name: str, data: EventData, *, event_id: int | None = None) -> bytes:
    """One event. JSON never contains a bare line break, so `data` is one line."""
    lines = [f"event: {name}", f"data: {data.model_dump_json()}"]
    if event_id is not None:
        lines.insert(0, f"id: {event_id}")
    return ("\n".join(lines) + "\n\n").encode()


def journal_event(entry: Entry) -> bytes:
    data = JournalEvent.model_validate(entry, from_attributes=True)
    return encode("journal", data, event_id=entry.journal_id)
