"""Recommendations and commands as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hub.commands.command import CommandState
from hub.dispatch.groups import GroupView
from hub.dispatch.recommend import Excluded, Exclusion, Ranked
from hub.dispatch.store import Recommendation
from wire.messages import CommandType


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CandidatesView(BaseModel):
    """At most ten candidates; of those who can't be sent the first fifty, and how many each why."""

    recommendation_id: UUID
    items: tuple[Ranked, ...]
    considered: int
    eligible: int
    excluded: tuple[Excluded, ...]
    excluded_counts: Mapping[Exclusion, int]

    @classmethod
    def of(cls, made: Recommendation) -> Self:
        return cls(
            recommendation_id=made.recommendation_id,
            items=made.ranking.items,
            considered=made.ranking.considered,
            eligible=made.ranking.eligible,
            excluded=made.ranking.excluded,
            excluded_counts=made.ranking.excluded_counts,
        )


class MemberView(_View):
    command_id: UUID
    device_id: str
    holder: str | None
    state: CommandState
    delivered_at: datetime | None
    accepted_at: datetime | None


class RefusedView(_View):
    device_id: str
    reason: str


class GroupSummary(_View):
    """`stragglers` have not said that they have the order; `refused` were never sent it."""

    group_id: UUID
    type: CommandType
    case_id: int | None
    reason: str | None
    issued_by: str
    issued_at: datetime
    quorum: int
    confirmed: int
    quorum_reached: bool
    states: dict[CommandState, int]
    members: list[MemberView]
    refused: list[RefusedView]
    stragglers: list[str]

    @classmethod
    def of(cls, view: GroupView) -> Self:
        return cls.model_validate(view)
