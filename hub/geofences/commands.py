"""Draw fences, and retire them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.geofences.geojson import MAX_FENCES, BadFeature, Drawing, DrawnFence
from hub.geofences.store import SQL
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class FenceReport:
    """With a bad feature nothing is written. Fences that are not in the file stay."""

    written: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    bad: tuple[BadFeature, ...]

    def text(self) -> str:
        """The difference, for a person."""
        lines = [f"+ {each}" for each in self.added] + [f"~ {each}" for each in self.changed]
        lines += [f"! feature {b.feature} ({b.geofence_id or '?'}): {b.reason}" for b in self.bad]
        if self.bad:
            result = f"nothing imported: {len(self.bad)} bad features"
        else:
            result = "imported" if self.written else "nothing written"
        counts = f"{len(self.added)} new, {len(self.changed)} changed, {self.unchanged} unchanged"
        return "\n".join([*lines, f"{counts}; {result}"])


async def import_fences(
    work: UnitOfWork, drawing: Drawing, *, dry_run: bool = False
) -> FenceReport:
    """Draw new fences or redraw known ones. With a bad feature, or in a dry run, nothing is written.

    Terminals inside stay inside until their next fix. Raises InvalidInput for too many fences.
    """
    await work.db.execute(SQL["one_surveyor"])
    known = await _known(work.db)
    if len(known.keys() | {fence.geofence_id for fence in drawing.fences}) > MAX_FENCES:
        raise InvalidInput(f"at most {MAX_FENCES} fences are watched; retire some first")
    added = [fence for fence in drawing.fences if fence.geofence_id not in known]
    changed = [f for f in drawing.fences if f != known.get(f.geofence_id) and f not in added]
    written = not (drawing.bad or dry_run)
    if written:
        for fence in (*added, *changed):
            facts = asdict(fence) | {"boundary": Jsonb(fence.boundary), "now": work.now}
            await work.db.execute(SQL["put_fence"], facts)
        for fence in (*added, *changed):
            await _record(work, fence.geofence_id, "geofence_drawn")
    return FenceReport(
        written,
        tuple(fence.geofence_id for fence in added),
        tuple(fence.geofence_id for fence in changed),
        len(drawing.fences) - len(added) - len(changed),
        drawing.bad,
    )


async def retire_fence(work: UnitOfWork, geofence_id: str) -> None:
    """Stop watching a fence; its events are kept. Raises NotFound."""
    cursor = await work.db.execute(SQL["retire"], (work.now, geofence_id))
    if cursor.rowcount == 0:
        raise NotFound(f"there is no geofence {geofence_id}", geofence_id=geofence_id)
    await work.db.execute(SQL["forget_stays"], (geofence_id,))
    await _record(work, geofence_id, "geofence_retired")


async def _known(db: Connection) -> Mapping[str, DrawnFence]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["known"])
        rows = await cursor.fetchall()
    return {row["geofence_id"]: DrawnFence(**row) for row in rows if row.pop("retired_at") is None}


async def _record(work: UnitOfWork, geofence_id: str, kind: str) -> None:
    entry = NewEntry(Subject.GEOFENCE, geofence_id, kind, work.actor, work.now)
    work.record(entry)
