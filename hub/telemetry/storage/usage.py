"""How much telemetry is stored, in which layout, and how far its rollups have come."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from hub.db import Connection
from hub.telemetry.storage.layout import SQL, StorageLayout, StorageState, storage_state

_USAGE = {
    StorageLayout.PARTITIONS: "usage_of_partitions",
    StorageLayout.HYPERTABLE: "usage_of_hypertable",
}
_PARTS = {StorageLayout.PARTITIONS: "partitions", StorageLayout.HYPERTABLE: "chunks"}


@dataclass(frozen=True, slots=True)
class StorageUsage:
    """`samples` is an estimate; sizes are in bytes with their indexes.

    `hours_waiting` for rollups is known for native partitions only.
    """

    state: StorageState
    parts: int
    compressed: int
    samples: int
    sample_bytes: int
    rollup_bytes: int
    hours_waiting: int | None

    def lines(self, now: datetime, days: int) -> list[tuple[str, str]]:
        """(name, value) pairs to display; `days` is how long telemetry is kept."""
        parts = f"{self.parts} {_PARTS[self.state.layout]}"
        if self.state.layout is StorageLayout.HYPERTABLE:
            parts += f", {self.compressed} of them compressed"
        return [
            (
                "telemetry is kept in",
                f"{self.state.layout} ({self.state.reason or 'not chosen yet'})",
            ),
            ("telemetry is kept for", f"{days} days, in {parts}"),
            ("telemetry rows (estimate)", str(self.samples)),
            (
                "telemetry on disk",
                f"{_size(self.sample_bytes)}, rollups {_size(self.rollup_bytes)}",
            ),
            ("telemetry rolled up", self._lag(now)),
        ]

    def _lag(self, now: datetime) -> str:
        until = self.state.rolled_until
        if until is None:
            return "never; is a worker running?"
        waiting = f", {self.hours_waiting} hours to do" if self.hours_waiting else ""
        return f"{max(0, round((now - until).total_seconds()))} s ago{waiting}"


async def read_usage(db: Connection) -> StorageUsage:
    """The usage at this moment."""
    state = await storage_state(db)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[_USAGE[state.layout]])
        row = await cursor.fetchone()
    assert row is not None
    return StorageUsage(state, **row)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
