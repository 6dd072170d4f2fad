"""A row of the inbox, as its handlers get it."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One received message; `payload` was checked against the contract when it came in.

    An alarm is `urgent`. `payload_sha256` is of the bytes that the device sent.
    """

    inbox_id: int
    kind: str
    device_id: str
    leaf: str
    tail: str
    payload: JsonValue
    received_at: datetime
    attempts: int
    urgent: bool = False
    payload_sha256: str | None = None
