"""Read and write letters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.clock import TIMEZONE
from hub.db import Connection, load_queries
from hub.errors import InvalidInput, NotFound
from hub.supervision.letters.letter import Letter, LetterKind

SQL = load_queries(__file__)


async def take_number(db: Connection, kind: LetterKind, now: datetime) -> tuple[int, int]:
    """The local year and its next number; others who want one wait until this transaction ends.

    If it is rolled back, so is the number: none is ever left out.
    """
    year = now.astimezone(TIMEZONE).year
    row = await (await db.execute(SQL["take_number"], (str(kind), year))).fetchone()
    assert row is not None
    return year, int(row[0])


async def insert_letter(db: Connection, columns: dict[str, Any]) -> int:
    """Write a new letter; returns its id."""
    written = columns | {"facts": Jsonb(columns["facts"]), "copies": list(columns["copies"])}
    row = await (await db.execute(SQL["insert"], written)).fetchone()
    assert row is not None
    return int(row[0])


async def letter_by_id(db: Connection, letter_id: int) -> Letter:
    """Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["by_id"], (letter_id,))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"there is no letter {letter_id}", letter_id=letter_id)
    return Letter(
        **row
        | {
            "kind": LetterKind(row["kind"]),
            "copies": tuple(row["copies"]),
            "answer_photos": tuple(row["answer_photos"]),
        }
    )


async def find_letter(db: Connection, said: str) -> Letter:
    """A letter by its number or its id. Raises NotFound."""
    row = await (await db.execute(SQL["id_by_number"], {"said": said.strip()})).fetchone()
    if row is None:
        raise NotFound(f"there is no letter {said}", letter=said)
    return await letter_by_id(db, int(row[0]))


async def lock_letter(db: Connection, letter_id: int) -> Letter:
    """The letter, locked to the end of the transaction. Raises NotFound."""
    await db.execute(SQL["lock"], (letter_id,))
    return await letter_by_id(db, letter_id)


async def unit_names(db: Connection, keys: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of units in Chinese and in English. Raises InvalidInput for an unknown one."""
    rows = await (await db.execute(SQL["unit_names"], (list(keys),))).fetchall()
    zh, en = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    for key in keys:
        if key not in zh:
            raise InvalidInput(f"there is no unit {key}", field="unit_key")
    return zh, en


async def centre_names(db: Connection) -> tuple[str, str]:
    """What the centre signs with."""
    row = await (await db.execute(SQL["centre"])).fetchone()
    zh, en = ("", "") if row is None else (row[0], row[1])
    return f"{zh}社会治理指挥中心", f"{en} command centre".strip()


async def require_photos(db: Connection, photos: Sequence[str]) -> None:
    """Raises InvalidInput for a photo that was not sent before."""
    rows = await (await db.execute(SQL["missing_photos"], (list(photos),))).fetchall()
    if rows:
        raise InvalidInput(
            f"photo {rows[0][0]} has not arrived; send it to /api/evidence first", field="photos"
        )
