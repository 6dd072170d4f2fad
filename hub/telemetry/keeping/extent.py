"""How much telemetry there is, how it is kept, and how far its rollups have come."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from hub.db import Connection
from hub.telemetry.keeping.form import SQL, Form, Kept, kept_as

_EXTENT = {Form.PARTITIONS: "extent_of_partitions", Form.HYPERTABLE: "extent_of_hypertable"}
_PARTS = {Form.PARTITIONS: "partitions", Form.HYPERTABLE: "chunks"}


@dataclass(frozen=True, slots=True)
class Extent:
    """`samples` is an estimate; sizes are in bytes with their indexes.

    `hours_waiting` for their rollups are known of native partitions only.
    """

    kept: Kept
    parts: int
    compressed: int
    samples: int
    sample_bytes: int
    rollup_bytes: int
    hours_waiting: int | None

    def lines(self, now: datetime, days: int) -> list[tuple[str, str]]:
        """(what, value) pairs for people; `days` is how long telemetry is kept."""
        parts = f"{self.parts} {_PARTS[self.kept.form]}"
        if self.kept.form is Form.HYPERTABLE:
            parts += f", {self.compressed} of them compressed"
        return [
            ("telemetry is kept in", f"{self.kept.form} ({self.kept.reason or 'not chosen yet'})"),
            ("telemetry is kept for", f"{days} days, in {parts}"),
            ("telemetry rows (estimate)", str(self.samples)),
            (
                "telemetry on disk",
                f"{_size(self.sample_bytes)}, rollups {_size(self.rollup_bytes)}",
            ),
            ("telemetry rolled up", self._lag(now)),
        ]

    def _lag(self, now: datetime) -> str:
        until = self.kept.rolled_until
        if until is None:
            return "never; is a worker running?"
        waiting = f", {self.hours_waiting} hours to do" if self.hours_waiting else ""
        return f"{max(0, round((now - until).total_seconds()))} s ago{waiting}"


async def read_extent(db: Connection) -> Extent:
    """The extent at this moment."""
    kept = await kept_as(db)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[_EXTENT[kept.form]])
        row = await cursor.fetchone()
    assert row is not None
    return Extent(kept, **row)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
