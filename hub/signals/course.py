"""What is to be done with a signal: the decision, apart from carrying it out. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from hub.cases.case import Case
from hub.signals.signal import WaitingReason


class Action(StrEnum):
    """What becomes of a signal by itself."""

    JOIN = "join"
    REOPEN = "reopen"
    FILE = "file"
    WAIT = "wait"
    """It lacks something, or a person must look at it first."""


@dataclass(frozen=True, slots=True)
class Course:
    """An action with the case that it concerns: for FILE that is the earlier one, which has recurred."""

    action: Action
    case: Case | None = None
    lacks: WaitingReason | None = None

    def as_json(self) -> dict[str, JsonValue]:
        """As `would` of a signal keeps it."""
        return {
            "action": str(self.action),
            "case_id": None if self.case is None else self.case.case_id,
            "reason": None if self.lacks is None else str(self.lacks),
        }
