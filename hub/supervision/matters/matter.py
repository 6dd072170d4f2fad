"""A matter on the list: its tier, its leader, and when it is reviewed next. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from hub.clock import TIMEZONE


class Tier(StrEnum):
    HIGH = "high"
    MID = "mid"
    LOW = "low"


REVIEW_DAYS = {Tier.HIGH: 7, Tier.MID: 14, Tier.LOW: 30}
"""How often a matter is reviewed, unless it has a rhythm of its own."""


class MatterEntryKind(StrEnum):
    """The kinds of entries in a matter's journal."""

    MATTER_LISTED = "matter_listed"
    TIER_CHANGED = "tier_changed"
    MATTER_REVIEWED = "matter_reviewed"
    PLAN_SET = "plan_set"
    """Its goal and its members."""
    PLAN_STEP_ADDED = "plan_step_added"
    PLAN_STEP_DONE = "plan_step_done"
    PROGRESS_NOTED = "progress_noted"
    MATTER_STRUCK = "matter_struck"
    """It is done, and off the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMatter:
    """One row of `matter`."""

    matter_id: int
    case_id: int
    tier: Tier
    leader: str
    review_days: int
    listed_at: datetime
    listed_by: str
    reviewed_at: datetime | None
    review_due_on: date
    goal: str
    struck_at: datetime | None
    struck_by: str | None
    strike_reason: str | None


def local_day(instant: datetime) -> date:
    return instant.astimezone(TIMEZONE).date()


def next_review(now: datetime, review_days: int) -> date:
    """The local day by which the matter is reviewed again."""
    return local_day(now) + timedelta(days=review_days)
