"""A recommendation as JSON."""

from collections.abc import Mapping
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from hub.dispatch.recommend import Excluded, Exclusion, Ranked
from hub.dispatch.store import Recommendation


class CandidatesView(BaseModel):
    """At most ten candidates; the first fifty that can't be sent, and the number of all by reason."""

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
