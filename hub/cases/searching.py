"""What a list of cases is searched by: each word of a search, and what it is part of."""

import re
from dataclasses import dataclass, field
from typing import Any

from hub import catalogue
from hub.cases.store import SQL
from hub.catalogue.store import newest_version
from hub.db import Connection

MOST_WORDS = 5
_NUMBER = re.compile(r"^(?=.*[0-9])[0-9A-Za-z-]+$")


@dataclass(frozen=True, slots=True)
class Words:
    """A condition on cases `c`, and its parameters."""

    condition: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)


async def words_of(db: Connection, text: str | None, *, is_open: bool | None = None) -> Words:
    """The condition that each word is part of the case's number or text, or of the names of its item,
    asset, road, units, or of somebody who reported it.

    What a word is part of is looked up first, so that the list itself only compares keys. `is_open` is
    what the list asks for besides.
    """
    condition = b""
    facts: dict[str, Any] = {}
    for number, word in enumerate((text or "").split()[:MOST_WORDS]):
        found = await _found(db, word, is_open)
        matches = SQL["word_matches"].replace(b"_n)", b"_%d)" % number)
        condition += b" AND " + _as_cased(matches, word)
        facts |= {f"{name}_{number}": keys for name, keys in found.items()}
    return Words(condition, facts)


async def _found(db: Connection, word: str, is_open: bool | None) -> dict[str, object]:
    like = f"%{_literally(word)}%"
    is_number = _NUMBER.match(word) is not None
    facts = {"like": like, "word": word, "is_number": is_number, "open": is_open}
    query = _as_cased(SQL["keys_of_word"], word)
    row = await (await db.execute(query, facts, prepare=False)).fetchone()
    assert row is not None
    names = ("assets", "roads", "units", "devices", "ids")
    return dict(zip(names, row, strict=True)) | {"items": await _items(db, word), "like": like}


def _as_cased(query: bytes, word: str) -> bytes:
    """Without letters that have two cases, LIKE finds the same, and several times faster."""
    return query if word.lower() != word.upper() else query.replace(b"ILIKE", b"LIKE")


async def _items(db: Connection, word: str) -> list[str]:
    version = await newest_version(db)
    if version is None:
        return []
    part = word.lower()
    return [
        item.item_key
        for item in await catalogue.items(db, version)
        if part in item.title_zh.lower() or part in item.title_en.lower()
    ]


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
