"""A read that is recorded, and the kinds of data that are. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from hub.accounts.role import Role

KEPT_AT_LEAST = timedelta(days=180)
"""The database refuses to delete what is younger."""


class ReadKind(StrEnum):
    TRACK = "track"
    """Where one terminal was."""
    POSITIONS = "positions"
    """Which terminals were at a place, over time."""
    PHOTO = "photo"
    VIDEO = "video"
    """Live video was asked for or watched."""
    CONTACT = "contact"
    """The name and contact of a reporter."""
    EXPORT = "export"
    """A file that left the hub."""
    AUDIT = "audit"
    """The audit itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedRead:
    """Who read what, when, from where. `page` is the page of the console that asked, as the browser says.

    `subject` is what was read, for example `device:T-0001`; `asked` is the rest of the question.
    """

    at: datetime
    username: str
    role: Role
    kind: ReadKind
    route: str
    subject: str
    asked: dict[str, JsonValue] = field(default_factory=dict)
    address: str = ""
    page: str = ""
