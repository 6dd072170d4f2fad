"""Recommendations, kept whole so that they say later why these."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from hub.db import Connection, load_queries
from hub.dispatch.recommend import Ranking
from hub.errors import NotFound
from wire.messages import CommandType

SQL = load_queries(__file__)
RANKING: TypeAdapter[Ranking] = TypeAdapter(Ranking)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A ranking as it was shown to somebody."""

    recommendation_id: UUID
    case_id: int
    type: CommandType
    made_at: datetime
    made_for: str
    ranking: Ranking


async def put_recommendation(db: Connection, made: Recommendation) -> None:
    await db.execute(
        SQL["put_recommendation"],
        (
            made.recommendation_id,
            made.case_id,
            str(made.type),
            made.made_at,
            made.made_for,
            Jsonb(RANKING.dump_python(made.ranking, mode="json")),
        ),
    )


async def recommendation_by_id(db: Connection, recommendation_id: UUID | str) -> Recommendation:
    """Raises NotFound."""
    row = await (await db.execute(SQL["recommendation"], (recommendation_id,))).fetchone()
    if row is None:
        raise NotFound(
            f"there is no recommendation {recommendation_id}",
            recommendation_id=str(recommendation_id),
        )
    ranking = RANKING.validate_python(row[5], strict=False)
    return Recommendation(row[0], row[1], CommandType(row[2]), row[3], row[4], ranking)
