"""Recommendations in PostgreSQL, kept so that a choice can be explained later."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from hub.db import Connection, load_queries
from hub.dispatch.recommend import LISTED_EXCLUSIONS, Ranking
from hub.errors import NotFound
from wire.messages import CommandType

SQL = load_queries(__file__)
RANKING: TypeAdapter[Ranking] = TypeAdapter(Ranking)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A ranking as it was shown or used."""

    recommendation_id: UUID
    case_id: int
    type: CommandType
    made_at: datetime
    made_for: str
    ranking: Ranking


async def keep_ranking(
    db: Connection, case_id: int, type_: CommandType, ranking: Ranking, now: datetime, made_for: str
) -> Recommendation:
    """Keep a ranking that is shown or used now."""
    made = Recommendation(uuid4(), case_id, type_, now, made_for, ranking)
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
    return made


async def recommendation_by_id(db: Connection, recommendation_id: UUID | str) -> Recommendation:
    """Raises NotFound."""
    row = await (await db.execute(SQL["recommendation"], (recommendation_id,))).fetchone()
    if row is None:
        raise NotFound(
            f"there is no recommendation {recommendation_id}",
            recommendation_id=str(recommendation_id),
        )
    ranking = RANKING.validate_python(_as_now(row[5]), strict=False)
    return Recommendation(row[0], row[1], CommandType(row[2]), row[3], row[4], ranking)


def _as_now(stored: dict[str, Any]) -> dict[str, Any]:
    """Convert older rankings, which list all exclusions, count none, and have `spot` for `position`."""
    if "excluded_counts" in stored:
        return stored
    return stored | {
        "items": [{"position": item.get("spot")} | item for item in stored["items"]],
        "excluded": stored["excluded"][:LISTED_EXCLUSIONS],
        "excluded_counts": Counter(each["reason"] for each in stored["excluded"]),
    }
