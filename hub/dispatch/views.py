"""Recommendations and commands as JSON."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from hub.commands.command import CommandState
from hub.dispatch.groups import GroupView
from hub.dispatch.recommend import Exclusion, Ranked
from hub.dispatch.store import Recommendation
from wire.messages import CommandType

LISTED_EXCLUSIONS = 50


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ReasonView(_View):
    code: str
    text_zh: str
    text_en: str


class SpotView(_View):
    lon: float
    lat: float
    observed_at: datetime


class CandidateView(_View):
    """`score` is in seconds, the lowest is best; the walk assumes 1.3 m/s in a straight line."""

    device_id: str
    holder: str | None
    rank: int
    distance_m: float
    travel_s: float
    score: float
    data_age_s: float
    battery: float | None
    reasons: list[ReasonView]
    shortfalls: list[ReasonView]
    position: Annotated[SpotView, Field(validation_alias="spot")]

    @classmethod
    def of(cls, ranked: Ranked) -> Self:
        return cls.model_validate(ranked)


class ExcludedView(_View):
    device_id: str
    reason: Exclusion


class CandidatesView(BaseModel):
    """At most ten candidates; of those who can't be sent the first fifty, and how many each why."""

    recommendation_id: UUID
    items: list[CandidateView]
    considered: int
    eligible: int
    excluded: list[ExcludedView]
    excluded_counts: dict[Exclusion, int]

    @classmethod
    def of(cls, made: Recommendation) -> Self:
        excluded = made.ranking.excluded
        return cls(
            recommendation_id=made.recommendation_id,
            items=[CandidateView.of(ranked) for ranked in made.ranking.items],
            considered=made.ranking.considered,
            eligible=made.ranking.eligible,
            excluded=[ExcludedView.model_validate(e) for e in excluded[:LISTED_EXCLUSIONS]],
            excluded_counts=dict(Counter(each.reason for each in excluded)),
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
