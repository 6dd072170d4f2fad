"""What waits for the decision of a second person: extensions, suspensions, appeals, and voiding. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ApprovalKind(StrEnum):
    """What is asked for."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"
    """The unit says that it isn't to blame for the lateness."""
    VOID = "void"
    """An operator says that a case of high severity is none."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A request that waits. A case has at most one of a kind; `until` is the end of a suspension."""

    approval_id: str
    kind: ApprovalKind
    asked_by: str
    asked_at: datetime
    reason: str
    until: datetime | None = None


def approval_id_of(case_id: int, version: int) -> str:
    """The id of the request with which the case got this version."""
    return f"{case_id}-{version}"


def find_request(requests: Iterable[ApprovalRequest], kind: ApprovalKind) -> ApprovalRequest | None:
    return next((each for each in requests if each.kind is kind), None)


def without(
    requests: Iterable[ApprovalRequest], *kinds: ApprovalKind
) -> tuple[ApprovalRequest, ...]:
    return tuple(each for each in requests if each.kind not in kinds)
