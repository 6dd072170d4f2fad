"""The registry of grid workers: list, import, change, and say who holds a terminal."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Form, Path, Query, UploadFile
from psycopg.rows import class_row
from pydantic import BaseModel, Field, computed_field

from hub.accounts.access import with_right
from hub.accounts.account import Account
from hub.accounts.role import Right
from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.catalogue.sheets import MAX_BYTES
from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.http.requests import Db, Work
from hub.people import commands
from hub.people.commands import SQL, WorkerReport
from hub.people.worker import GridWorker, WorkerId, masked
from wire.messages.base import DeviceIdText

router = APIRouter(prefix="/api/people", tags=["people"])

Registrar: TypeAlias = Annotated[Account, with_right(Right.SUPERVISE, Right.ADMINISTER)]
"""An account that keeps the registry of people."""
UnitKey = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
Search = Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]


class WorkerView(BaseModel):
    """A grid worker with the terminals that he or she holds; the telephone is told by a read of its own."""

    worker_id: str
    name: str
    village: str | None
    village_name_zh: str | None
    village_name_en: str | None
    phone: Annotated[str | None, Field(exclude=True)]
    active: bool
    terminals: list[str]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def phone_masked(self) -> str | None:
        """Enough of the number to tell it from others."""
        return masked(self.phone)


class WorkerPhone(BaseModel):
    """The whole number; null if none is known."""

    phone: str | None


class WorkerPage(BaseModel):
    """`next_after` asks for the workers after these; null at the end."""

    items: list[WorkerView]
    next_after: str | None


class WorkerForm(BaseModel):
    """A CSV or XLSX file with the columns worker_id, name, village, phone, active, or their Chinese names."""

    file: UploadFile
    dry_run: bool = False


class WorkerChange(BaseModel):
    """All that is known of a worker. A telephone that is left out stays; null deletes it."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
    village: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] = None
    phone: Annotated[str | None, Field(pattern=r"^[0-9+() -]{3,32}$")] = None
    active: bool = True


class Holding(BaseModel):
    """Who holds a terminal from now on; null: nobody."""

    worker_id: WorkerId | None


class WorkersQuery(BaseModel):
    """`q` is part of a name, an id, or the id of a terminal."""

    q: Search | None = None
    village: UnitKey | None = None
    active: bool | None = None
    after: Annotated[str | None, Field(max_length=64)] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
async def grid_workers(
    db: Db, account: Registrar, wanted: Annotated[WorkersQuery, Query()]
) -> WorkerPage:
    """Grid workers by their id: those whose village the account sees."""
    found = await _workers(db, wanted, scope=account.scope)
    page = found[: wanted.limit]
    return WorkerPage(
        items=page, next_after=page[-1].worker_id if len(found) > wanted.limit else None
    )


@router.post("/import")
async def import_grid_workers(
    work: Work, account: Registrar, form: Annotated[WorkerForm, Form()]
) -> WorkerReport:
    """Import a CSV or XLSX file: all of it, or nothing if a cell is bad. Nobody is deleted."""
    data = await form.file.read(MAX_BYTES + 1)
    name = form.file.filename or "people"
    return await commands.import_workers(work.by(account.actor), data, name, dry_run=form.dry_run)


@router.get("/{worker_id}/phone", dependencies=[audited(ReadKind.CONTACT)])
async def grid_worker_phone(
    db: Db, account: Registrar, worker_id: Annotated[WorkerId, Path()]
) -> WorkerPhone:
    """The telephone number of a worker; who asked for it is recorded."""
    return WorkerPhone(phone=(await _worker(db, worker_id, account.scope)).phone)


@router.put("/{worker_id}")
async def put_grid_worker(
    work: Work, account: Registrar, worker_id: Annotated[WorkerId, Path()], body: WorkerChange
) -> WorkerView:
    """Register a worker under an id, or change one; the terminals show the new name."""
    exists = bool(await _workers(work.db, WorkersQuery(limit=1), worker_id))
    before = await _worker(work.db, worker_id, account.scope) if exists else None
    if account.scope.units is not None and body.village not in account.scope.territories:
        raise InvalidInput("choose a village that your account sees", field="village")
    facts = body.model_dump()
    if before is not None and "phone" not in body.model_fields_set:
        facts["phone"] = before.phone
    await commands.put_worker(work.by(account.actor), GridWorker(worker_id=worker_id, **facts))
    await work.commit()
    return await _worker(work.db, worker_id)


@router.put("/terminals/{terminal_id}")
async def assign_terminal(
    work: Work, account: Registrar, terminal_id: Annotated[DeviceIdText, Path()], body: Holding
) -> Holding:
    """Say who holds a terminal from now on."""
    if body.worker_id is not None:
        await _worker(work.db, body.worker_id, account.scope)
    await commands.assign_terminal(work.by(account.actor), terminal_id, body.worker_id)
    return body


async def _worker(db: Connection, worker_id: str, scope: Scope = WHOLE_DISTRICT) -> WorkerView:
    found = await _workers(db, WorkersQuery(limit=1), worker_id, scope=scope)
    if not found:
        raise NotFound(f"there is no grid worker {worker_id}", worker_id=worker_id)
    return found[0]


async def _workers(
    db: Connection,
    wanted: WorkersQuery,
    worker_id: str | None = None,
    *,
    scope: Scope = WHOLE_DISTRICT,
) -> list[WorkerView]:
    facts = wanted.model_dump() | {"worker_id": worker_id, "limit": wanted.limit + 1} | scope.facts
    async with db.cursor(row_factory=class_row(WorkerView)) as cursor:
        await cursor.execute(SQL["workers"], facts)
        return await cursor.fetchall()
