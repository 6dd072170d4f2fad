"""What names that are no units stand for, as a person confirmed it; kept for all later imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from psycopg.rows import class_row

from hub.catalogue.sheets import plain
from hub.catalogue.store import SQL
from hub.catalogue.unit_book import UnitBook, VagueUnit, unit_book
from hub.db import Connection
from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class UnitMapping:
    """A name and what it stands for: a unit's key, `study` or `territory`."""

    name: str
    stands_for: str
    confirmed_by: str
    confirmed_at: datetime


async def unit_mappings(db: Connection) -> list[UnitMapping]:
    """All confirmed mappings, by name."""
    async with db.cursor(row_factory=class_row(UnitMapping)) as cursor:
        await cursor.execute(SQL["unit_mappings"])
        return await cursor.fetchall()


async def check_meanings(db: Connection, meanings: Mapping[str, str]) -> None:
    """Raises InvalidInput for an empty name or a meaning that doesn't exist."""
    known = {str(word) for word in VagueUnit} | set(await _registered(db))
    for name, meaning in meanings.items():
        if not plain(name) or len(name) > _MAX_NAME or "\x00" in name:
            raise InvalidInput(f"a name has 1 to {_MAX_NAME} characters", field="name")
        if meaning not in known:
            raise InvalidInput(
                f"{name}: {meaning} is neither study nor territory nor the key of a registered unit",
                field="stands_for",
            )


async def confirm_mappings(work: UnitOfWork, meanings: Mapping[str, str]) -> None:
    """Keep what names stand for, each a registered unit's key, `study` or `territory`.

    An earlier meaning of a name ends with this; versions of the catalogue stay as they are. Raises
    what `check_meanings` does.
    """
    await check_meanings(work.db, meanings)
    for name, meaning in meanings.items():
        facts = (plain(name), name.strip(), meaning, work.actor, work.now)
        await work.db.execute(SQL["confirm_mapping"], facts)
    if meanings:
        entry = NewEntry(
            Subject.CATALOGUE,
            "catalogue",
            "unit_names_confirmed",
            work.actor,
            work.now,
            data={"names": dict(meanings)},
        )
        work.record(entry)
        log.info("unit_names_confirmed", names=list(meanings))


async def load_book(db: Connection, also_known: Sequence[str]) -> UnitBook:
    """The book of registered units and confirmed names. `also_known` are keys that are used already."""
    rows = await (await db.execute(SQL["unit_names"])).fetchall()
    confirmed = {each.name: each.stands_for for each in await unit_mappings(db)}
    return unit_book(((key, zh, en) for key, zh, en in rows), confirmed, also_known)


async def _registered(db: Connection) -> list[str]:
    return [row[0] for row in await (await db.execute(SQL["unit_names"])).fetchall()]
