"""The facts of a case for those who are sent to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import dict_row

from hub.cases.case import FINAL
from hub.cases.store import SQL
from hub.db import Connection
from hub.devices.naming import called_en, called_zh
from hub.errors import NotFound

PRIORITY = {"low": 3, "mid": 5, "high": 7}
RESCUE_PRIORITY = 9
"""No other task keeps anybody from a person in danger."""
OLD_PLACE_S = 120.0


class PlaceSource(StrEnum):
    """How the place of an alarm is known, the best first."""

    REPORTED = "reported"
    """The alarm names it."""
    LAST_POSITION = "last_position"
    """The last good position of the terminal; its holder may have moved on."""
    TERRITORY = "territory"
    """The territory of the holder. The place is unknown."""
    DISTRICT = "district"
    """The middle of the district. The place is unknown."""

    @property
    def is_known(self) -> bool:
        return self in (PlaceSource.REPORTED, PlaceSource.LAST_POSITION)


@dataclass(frozen=True, slots=True)
class Caller:
    """The person in danger whose alarm the case is: never sent to it, and told who comes.

    `raised_at` is the last time that they called. `place_source` and `place_age_s` tell how the case's
    place is known.
    """

    device_id: str
    holder: str | None
    type: str
    raised_at: datetime
    place_source: PlaceSource
    place_age_s: float | None

    @property
    def name_zh(self) -> str:
        return called_zh(self.device_id, self.holder)

    @property
    def name_en(self) -> str:
        return called_en(self.device_id, self.holder)

    @property
    def place_known(self) -> bool:
        return self.place_source.is_known

    @property
    def place_age_min(self) -> int:
        """Whole minutes; 0 for a fresh place."""
        age_s = self.place_age_s or 0.0
        return round(age_s / 60) if age_s > OLD_PLACE_S else 0


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
    caller: Caller | None = None

    @property
    def ended(self) -> bool:
        return self.state in FINAL

    @property
    def priority(self) -> int:
        return RESCUE_PRIORITY if self.caller else PRIORITY[self.severity]


async def case_facts(db: Connection, case_id: int) -> CaseFacts:
    """Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["case_facts"], (case_id,))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    said = {name: row.pop(f"caller_{name}") for name in Caller.__slots__}
    caller = None
    if said["device_id"] is not None:
        caller = Caller(**said | {"place_source": PlaceSource(said["place_source"])})
    return CaseFacts(**row, caller=caller)
