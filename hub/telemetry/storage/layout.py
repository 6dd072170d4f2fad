"""The two layouts in which telemetry can be stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.db import Connection, load_queries

SQL = load_queries(__file__)

AHEAD = timedelta(days=7)
"""Samples up to this far in the future are accepted as they are; later ones are kept apart."""


class StorageLayout(StrEnum):
    """Both offer the same relations: telemetry, telemetry_hourly, telemetry_squares."""

    PARTITIONS = "native partitions"
    HYPERTABLE = "TimescaleDB hypertable"


@dataclass(frozen=True, slots=True)
class StorageState:
    """`reason` says why the layout was selected; samples observed before `rolled_until` are rolled up."""

    layout: StorageLayout
    reason: str
    rolled_until: datetime | None


async def storage_state(db: Connection) -> StorageState:
    """How the database stores telemetry at present."""
    row = await (await db.execute(SQL["layout"])).fetchone()
    assert row is not None
    return StorageState(
        StorageLayout.PARTITIONS if row[0] == "p" else StorageLayout.HYPERTABLE, row[1], row[2]
    )
