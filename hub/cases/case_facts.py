"""The facts of a case for those who are sent to it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.cases.case import FINAL
from hub.cases.store import SQL
from hub.db import Connection
from hub.errors import NotFound

PRIORITY = {"low": 3, "mid": 5, "high": 7}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts of a case that a task is made from."""

    case_id: int
    case_no: str
    state: str
    severity: str
    lon: float
    lat: float
    error_m: float
    text: str
    due_at: datetime | None
    routed_at: datetime | None
    territory_unit: str | None
    item_key: str
    cond_key: str
    catalogue_version: int
    evidence: list[str]

    @property
    def ended(self) -> bool:
        return self.state in FINAL

    @property
    def priority(self) -> int:
        return PRIORITY[self.severity]


async def case_facts(db: Connection, case_id: int) -> CaseFacts:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(CaseFacts)) as cursor:
        await cursor.execute(SQL["case_facts"], (case_id,))
        facts = await cursor.fetchone()
    if facts is None:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return facts
