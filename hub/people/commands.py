"""Register grid workers, and say which terminals they hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from psycopg.rows import class_row
from pydantic import JsonValue

from hub.catalogue.sheets import read_sheets
from hub.db import Connection, load_queries
from hub.errors import InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.people.worker import BadWorkerCell, GridWorker, read_workers

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """With a bad cell nothing is written; `kept` counts those that are not in the file and stay."""

    written: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    kept: int
    bad: tuple[BadWorkerCell, ...]

    def text(self) -> str:
        """The difference, for a person."""
        lines = [f"+ {key}" for key in self.added] + [f"~ {key}" for key in self.changed]
        lines += [f"! {bad.cell} ({bad.worker_id or '?'}): {bad.reason}" for bad in self.bad]
        if self.bad:
            result = f"nothing imported: {len(self.bad)} bad cells"
        else:
            result = "imported" if self.written else "nothing written"
        counts = f"{len(self.added)} new, {len(self.changed)} changed, {self.unchanged} unchanged"
        return "\n".join([*lines, f"{counts}, {self.kept} kept that are not in the file; {result}"])


async def import_workers(
    work: UnitOfWork, data: bytes, name: str = "people.csv", *, dry_run: bool = False
) -> WorkerReport:
    """Import a CSV or XLSX file of workers. With a bad cell, or in a dry run, nothing is written.

    Raises InvalidInput if the file is not a list of workers.
    """
    await work.db.execute(SQL["one_registrar"])
    known = await _known(work.db)
    (sheet, *_) = read_sheets(data, _called(data, name))
    listed = read_workers(sheet, await _villages(work.db))
    workers = listed.workers
    changed = [each for each in workers if known.get(each.worker_id) != each]
    written = not (listed.bad or dry_run)
    if written:
        for worker in changed:
            await _put(work, worker, known.get(worker.worker_id))
    return WorkerReport(
        written,
        tuple(each.worker_id for each in changed if each.worker_id not in known),
        tuple(each.worker_id for each in changed if each.worker_id in known),
        len(workers) - len(changed),
        len(known.keys() - {each.worker_id for each in workers}),
        listed.bad,
    )


async def put_worker(work: UnitOfWork, worker: GridWorker) -> None:
    """Register a worker, or change one. Raises InvalidInput for a village that is no unit."""
    await work.db.execute(SQL["one_registrar"])
    units = {row[0] for row in await (await work.db.execute(SQL["units"])).fetchall()}
    if worker.village is not None and worker.village not in units:
        raise InvalidInput(f"there is no unit {worker.village}", field="village")
    known = await _known(work.db)
    if known.get(worker.worker_id) != worker:
        await _put(work, worker, known.get(worker.worker_id))


async def assign_terminal(work: UnitOfWork, device_id: str, worker_id: str | None) -> None:
    """Say who holds a terminal from now on; None takes it back. Raises NotFound and InvalidInput."""
    row = await (await work.db.execute(SQL["terminal"], (device_id,))).fetchone()
    if row is None:
        raise NotFound(f"there is no device {device_id}", device_id=device_id)
    before, kind = row
    if kind != "terminals":
        raise InvalidInput(f"{device_id} is no terminal; only terminals have a holder")
    worker = None if worker_id is None else (await _known(work.db)).get(worker_id)
    if worker_id is not None and worker is None:
        raise NotFound(f"there is no grid worker {worker_id}", worker_id=worker_id)
    if worker is not None and not worker.active:
        raise InvalidInput(f"{worker_id} is not active; activate the worker first")
    if before == worker_id:
        return
    await work.db.execute(SQL["instant"], (work.now.isoformat(),))
    await work.db.execute(SQL["assign"], {"device_id": device_id, "worker_id": worker_id})
    data: dict[str, JsonValue] = {"worker_id": worker_id, "before": before}
    work.record(
        NewEntry(Subject.DEVICE, device_id, "holder_assigned", work.actor, work.now, data=data)
    )


def _called(data: bytes, name: str) -> str:
    """A file's name with an ending: one without is told by how it begins."""
    ending = ".xlsx" if data.startswith(b"PK") else ".csv"
    return name if PurePath(name).suffix else name + ending


async def _villages(db: Connection) -> Mapping[str, Sequence[str]]:
    """The units that a key or a name may mean; a key means its own unit only."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = await (await db.execute(SQL["units"])).fetchall()
    for key, *names in rows:
        for name in {*names} - {key, None, ""}:
            found[name].append(key)
    return found | {key: [key] for key, *_ in rows}


async def _known(db: Connection) -> Mapping[str, GridWorker]:
    async with db.cursor(row_factory=class_row(GridWorker)) as cursor:
        await cursor.execute(SQL["all_workers"])
        return {each.worker_id: each for each in await cursor.fetchall()}


async def _put(work: UnitOfWork, worker: GridWorker, before: GridWorker | None) -> None:
    """Names and telephones are personal: the journal has which fields changed, not what they say."""
    await work.db.execute(SQL["put_worker"], worker.model_dump())
    if before is not None:
        await work.db.execute(SQL["instant"], (work.now.isoformat(),))
        await work.db.execute(
            SQL["rename_holder"], {"worker_id": worker.worker_id, "name": worker.name}
        )
    fields: list[JsonValue] = [
        name
        for name in GridWorker.model_fields
        if before is None or getattr(before, name) != getattr(worker, name)
    ]
    kind = "worker_registered" if before is None else "worker_changed"
    entry = NewEntry(
        Subject.GRID_WORKER, worker.worker_id, kind, work.actor, work.now, data={"fields": fields}
    )
    work.record(entry)
