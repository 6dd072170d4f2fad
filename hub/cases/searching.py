"""What a list of cases is searched by: each word of a search, and what it is part of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub import catalogue
from hub.cases.store import SQL
from hub.catalogue.store import newest_version
from hub.db import Connection

MOST_WORDS = 5
_MOST_IDS = 20_000
"""Of what a word finds, up to so many are looked up before; what finds more is compared case by case."""
_FEW_IDS = 1000
"""Among the open cases, more than that are compared, not looked up."""
_NUMBER = re.compile(r"^(?=.*[0-9])[0-9A-Za-z-]+$")
_PART_OF_NUMBER = re.compile(r"^[0-9A-Za-z-]+$")
_SENT_BY = "c.case_id IN (SELECT s.case_id FROM signal s WHERE s.device_id = ANY(%(KEYS)s))"


@dataclass(frozen=True, slots=True)
class Words:
    """A condition on cases `c`, and its parameters."""

    condition: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Word:
    """A word of a search: what it is compared with, and the arms of the condition that it makes."""

    number: int
    text: str
    arms: list[bytes] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)

    @property
    def like(self) -> str:
        return f"%{_literally(self.text)}%"

    def among(self, column: str, keys: Sequence[object]) -> None:
        """The column has one of the keys."""
        if keys:
            self.arm(f"c.{column} = ANY(%(KEYS)s)", [*keys])

    def arm(self, condition: str, value: object) -> None:
        name = f"word_{self.number}_{len(self.arms)}"
        self.facts[name] = value
        self.arms.append(_as_cased(condition.replace("KEYS", name).encode(), self.text))

    def found_or(self, found: list[int], condition: str, value: object) -> None:
        """The case is one of those found, or if they are too many, it is compared itself."""
        if len(found) > _MOST_IDS:
            self.arm(condition, value)
        else:
            self.ids += found

    @property
    def condition(self) -> bytes:
        return b" AND (" + (b" OR ".join(self.arms) or b"false") + b")"


async def words_of(db: Connection, text: str | None, *, is_open: bool | None = None) -> Words:
    """The condition that each word is part of the case's number or text, or of the names of its item,
    asset, road, units, or of somebody who reported it.

    What a word is part of is looked up first, so that the list itself only compares keys. `is_open` is
    what the list asks for besides: the few open cases are compared one by one.
    """
    condition = b""
    facts: dict[str, Any] = {}
    for number, word in enumerate((text or "").split()[:MOST_WORDS]):
        found = await _word(db, _Word(number, word), is_open=is_open is True)
        condition += found.condition
        facts |= found.facts
    return Words(condition, facts)


async def _word(db: Connection, word: _Word, *, is_open: bool) -> _Word:
    facts = {"like": word.like, "word": word.text}
    query = _as_cased(SQL["keys_of_word"], word.text)
    row = await (await db.execute(query, facts, prepare=False)).fetchone()
    assert row is not None
    assets, roads, units, devices = row
    word.among("item_key", await _items(db, word.text))
    for column, keys in (
        ("lead_unit", units),
        ("territory_unit", units),
        ("road_zh", roads),
        ("asset_id", assets),
    ):
        word.among(column, keys)
    if devices:
        sent = await _ids(db, "ids_of_senders", word, devices=devices)
        word.found_or(sent, _SENT_BY, devices)
    await _compare(db, word, is_open=is_open)
    if is_open and len(word.ids) > _FEW_IDS:
        word.arm("c.case_id IN (SELECT unnest(%(KEYS)s::bigint[]))", word.ids)
    else:
        word.among("case_id", word.ids)
    return word


async def _compare(db: Connection, word: _Word, *, is_open: bool) -> None:
    """Let a word be compared with texts and numbers."""
    if is_open:
        word.arm("c.text ILIKE %(KEYS)s", word.like)
        if _PART_OF_NUMBER.match(word.text):
            word.arm("c.case_no ILIKE %(KEYS)s", word.like)
        return
    said = await _ids(db, "ids_of_text", word)
    word.found_or(said, "c.text ILIKE %(KEYS)s", word.like)
    if _NUMBER.match(word.text):
        numbered = await _ids(db, "ids_of_number", word)
        word.found_or(numbered, "c.case_no ILIKE %(KEYS)s", word.like)


async def _ids(db: Connection, query: str, word: _Word, **facts: object) -> list[int]:
    """The ids that a query finds for a word, or some, if they are more than _MOST_IDS."""
    cased = _as_cased(SQL[query], word.text)
    given = {"like": word.like, "word": word.text, "most": _MOST_IDS + 1} | facts
    row = await (await db.execute(cased, given, prepare=False)).fetchone()
    return list(row[0]) if row is not None and row[0] is not None else []


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
