"""In which of its two forms telemetry is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.db import Connection, load_queries

SQL = load_queries(__file__)

AHEAD = timedelta(days=7)
"""Up to here a clock that runs ahead is taken as it is; what lies beyond is set apart."""


class Form(StrEnum):
    """Both answer to the same names: telemetry, telemetry_hourly, telemetry_squares."""

    PARTITIONS = "native partitions"
    HYPERTABLE = "TimescaleDB hypertable"


@dataclass(frozen=True, slots=True)
class Kept:
    """`reason` says why this form was chosen; what was observed before `rolled_until` is rolled up."""

    form: Form
    reason: str
    rolled_until: datetime | None


async def kept_as(db: Connection) -> Kept:
    """How the database keeps telemetry at present."""
    row = await (await db.execute(SQL["form"])).fetchone()
    assert row is not None
    return Kept(Form.PARTITIONS if row[0] == "p" else Form.HYPERTABLE, row[1], row[2])
