"""What was refused of a device, as the API shows it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel


class RefusedKind(StrEnum):
    """Why a message had no effect: one of the outcomes of a refusal, or an answer that didn't count."""

    MALFORMED = "malformed"
    QUARANTINED = "quarantined"
    CONFLICT = "conflict"
    UNUSABLE = "unusable"
    NOT_COUNTED = "not_counted"
    """An answer to a command that came too late, or out of turn."""


class RefusalView(BaseModel):
    """A refused message that came `times` times, last `at`. `told`: whether the device was told of it.

    Of an answer that did not count, only its command and its `state` are known.
    """

    at: datetime
    kind: RefusedKind
    reason: str
    topic: str | None
    payload_sha256: str | None
    payload_bytes: int | None
    times: int
    told: bool | None
    command_id: UUID | None
    state: str | None


class RefusalList(BaseModel):
    """The newest refusals first.

    `unkept`: how many more were counted in the time that they are kept, and not kept, because the
    device sent more than its days have room for.
    """

    items: list[RefusalView]
    unkept: int
