"""The events of the event stream, encoded as the HTML standard's server-sent events."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from pydantic import BaseModel, JsonValue

from hub.journal import Cursor, Entry
from hub.live.compression import StreamPart


class JournalEvent(BaseModel):
    """An entry of the journal; the event's id is the cursor to resume from."""

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
    """The first event of a stream that resumes nothing: all entries after `journal_id` follow.

    What a console has shown before may lack entries, or be of another journal: read it again.
    """

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


def encode(name: str, data: EventData, *, cursor: Cursor | None = None) -> StreamPart:
    """One event. JSON never contains a bare line break, so `data` is one line."""
    lines = [f"event: {name}", f"data: {data.model_dump_json()}"]
    if cursor is not None:
        lines.append(f"id: {cursor}")
    return StreamPart(("\n".join(lines) + "\n\n").encode())


def journal_event(entry: Entry) -> StreamPart:
    data = JournalEvent.model_validate(entry, from_attributes=True)
    return encode("journal", data, cursor=Cursor.at(entry))


class PositionBatch:
    """Positions that go to many clients, encoded once."""

    def __init__(self, items: Iterable[LivePosition]) -> None:
        self.items = tuple(items)

    def followed_by(self, later: "PositionBatch") -> "PositionBatch":
        """The newest position of each terminal of both."""
        newest = {item.device_id: item for item in (*self.items, *later.items)}
        return PositionBatch(newest.values())

    @cached_property
    def event(self) -> StreamPart:
        return encode("positions", Positions(items=list(self.items)))
