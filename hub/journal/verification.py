"""Check the journal: each entry, each subject's chain, the chain over everything, and the anchors."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import class_row

from hub.db import Connection
from hub.journal.anchor import Anchor
from hub.journal.chain import GENESIS, chain_link, entry_hash
from hub.journal.entry import Entry
from hub.journal.store import SQL

_AT_ONCE = 2000
_EVIDENCE = "keep a copy of the database as evidence, find out who could write to it, and"


class JournalFault(StrEnum):
    """What is wrong, and what to do about it."""

    CHANGED = "changed"
    UNLINKED = "unlinked"
    MISSING = "missing"
    REPLACED = "replaced"
    CUT_OFF = "cut_off"
    REWRITTEN = "rewritten"
    ANCHOR_FORGED = "anchor_forged"
    ANCHOR_MISSING = "anchor_missing"
    CASE_CHANGED = "case_changed"
    UNPROTECTED = "unprotected"

    @property
    def advice(self) -> str:
        return _ADVICE[self]


_ADVICE = {
    JournalFault.CHANGED: f"{_EVIDENCE} compare the entry with a backup from before",
    JournalFault.UNLINKED: f"{_EVIDENCE} compare the subject's entries with a backup from before",
    JournalFault.MISSING: f"{_EVIDENCE} take the missing entries from a backup",
    JournalFault.REPLACED: f"{_EVIDENCE} compare the entry with a backup from before",
    JournalFault.CUT_OFF: (
        f"{_EVIDENCE} take the missing entries from a backup; if you restored an older backup "
        "yourself, say so: `python -m hub journal anchor --restored REASON`"
    ),
    JournalFault.REWRITTEN: f"{_EVIDENCE} compare these entries with a backup from before",
    JournalFault.ANCHOR_FORGED: (
        "compare the line with syslog or another copy of the anchors, and check that the key given "
        "is the one that signed them"
    ),
    JournalFault.ANCHOR_MISSING: "take the missing lines from syslog or another copy of the anchors",
    JournalFault.CASE_CHANGED: (
        f"{_EVIDENCE} set the case right by a step of its own, such as a new routing"
    ),
    JournalFault.UNPROTECTED: "run `python -m hub migrate` as the owner; see docs/deployment.md",
}


@dataclass(frozen=True, slots=True)
class JournalFinding:
    """Something that is wrong, and where."""

    fault: JournalFault
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fault.advice}"


@dataclass(frozen=True, slots=True)
class ChainedEntry(Entry):
    """An entry with its place in the chain over everything."""

    position: int
    chain: str


@dataclass
class JournalWalk:
    """Goes through the entries in the order of their positions, and remembers what came before."""

    anchors: Sequence[Anchor] = ()
    count: int = 0
    _position: int = 0
    _journal_id: int = 0
    _chain: str = GENESIS
    _last: dict[tuple[str, str], str] = field(default_factory=dict)
    _anchored: dict[int, list[Anchor]] = field(default_factory=dict)
    _held: Anchor | None = None
    _rewritten: bool = False

    def __post_init__(self) -> None:
        for anchor in self.anchors:
            self._anchored.setdefault(anchor.position, []).append(anchor)

    def step(self, entry: ChainedEntry) -> Iterator[JournalFinding]:
        """What is wrong with the next entry."""
        where = f"entry {entry.journal_id} ({entry.subject} {entry.subject_id}, {entry.kind})"
        yield from self._place(entry, where)
        yield from self._content(entry, where)
        self.count += 1
        self._position, self._journal_id = entry.position, entry.journal_id
        self._chain = entry.chain
        for anchor in self._anchored.pop(entry.position, ()):
            yield from self._compare(anchor, entry.chain)

    def end(self) -> Iterator[JournalFinding]:
        """What is wrong with the end: the anchors that lie beyond it."""
        beyond = [anchor for anchor in self.anchors if anchor.position > self._position]
        if beyond:
            furthest = max(beyond, key=lambda anchor: anchor.position)
            yield JournalFinding(
                JournalFault.CUT_OFF,
                f"after entry {self._journal_id}" if self.count else "the whole journal",
                f"{furthest.position - self._position} entries are gone that were there at "
                f"{furthest.at.isoformat()} (anchor {furthest.number})",
            )

    def _place(self, entry: ChainedEntry, where: str) -> Iterator[JournalFinding]:
        missing = entry.position - self._position - 1
        if missing:
            yield JournalFinding(
                JournalFault.MISSING,
                f"between entry {self._journal_id} and {where}" if self._position else where,
                f"{missing} entries are gone",
            )
        elif entry.chain != chain_link(self._chain, entry.position, entry.hash):
            yield JournalFinding(
                JournalFault.REPLACED,
                where,
                "it stands where another entry was, or it was changed together with its hash",
            )
        if entry.journal_id <= self._journal_id:
            yield JournalFinding(JournalFault.REPLACED, where, "it is out of order")

    def _content(self, entry: ChainedEntry, where: str) -> Iterator[JournalFinding]:
        subject = (entry.subject, entry.subject_id)
        if entry.prev_hash != self._last.get(subject, GENESIS):
            yield JournalFinding(
                JournalFault.UNLINKED,
                where,
                "an entry of this subject before it was changed, deleted or inserted",
            )
        if entry.hash != entry_hash(entry.prev_hash, entry):
            yield JournalFinding(JournalFault.CHANGED, where, "its content is not what was written")
        self._last[subject] = entry.hash

    def _compare(self, anchor: Anchor, chain: str) -> Iterator[JournalFinding]:
        if anchor.chain == chain:
            self._held = anchor
        elif not self._rewritten:
            self._rewritten = True
            since = "the beginning" if self._held is None else self._held.at.isoformat()
            yield JournalFinding(
                JournalFault.REWRITTEN,
                f"entries up to {anchor.journal_id} (anchor {anchor.number})",
                f"what was written between {since} and {anchor.at.isoformat()} was replaced as a "
                "whole",
            )


def still_binding(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The anchors of a file but those that a restored backup, said to be one, does not reach."""
    binding: list[Anchor] = []
    for anchor in anchors:
        if anchor.restored is not None:
            binding = [each for each in binding if each.position <= anchor.position]
        binding.append(anchor)
    return binding


def check_anchors(anchors: Iterable[Anchor], key: Ed25519PublicKey) -> Iterator[JournalFinding]:
    """What is wrong with a file of anchors: lines that are forged, or gone."""
    before: Anchor | None = None
    for anchor in anchors:
        where = f"anchor {anchor.number} of {anchor.at.isoformat()}"
        if not anchor.is_signed_by(key):
            yield JournalFinding(
                JournalFault.ANCHOR_FORGED, where, "its signature does not fit the key"
            )
        elif before is not None and anchor.previous != before.digest:
            yield JournalFinding(
                JournalFault.ANCHOR_MISSING, where, "the line before it is gone or was changed"
            )
        elif before is None and anchor.number != 1:
            yield JournalFinding(
                JournalFault.ANCHOR_MISSING, where, f"{anchor.number - 1} lines before it are gone"
            )
        before = anchor


async def check_entries(db: Connection, walk: JournalWalk) -> AsyncIterator[JournalFinding]:
    """What is wrong with the entries; the caller's transaction should see one state of the database."""
    async for entry in _entries(db):
        for finding in walk.step(entry):
            yield finding
    for finding in walk.end():
        yield finding


async def check_triggers(db: Connection) -> AsyncIterator[JournalFinding]:
    """The triggers of the journal that are off or missing."""
    off = [row[0] for row in await (await db.execute(SQL["triggers_off"])).fetchall()]
    if off:
        yield JournalFinding(
            JournalFault.UNPROTECTED, "table journal", f"{', '.join(off)} is off or missing"
        )


async def rights_too_many(db: Connection) -> str | None:
    """What the role of this connection may do to the journal besides reading and appending."""
    row = await (await db.execute(SQL["rights"])).fetchone()
    return f"{row[0]} may {row[1]}" if row is not None and row[1] else None


async def _entries(db: Connection) -> AsyncIterator[ChainedEntry]:
    position = -1
    while True:
        async with db.cursor(row_factory=class_row(ChainedEntry)) as cursor:
            await cursor.execute(SQL["in_order"], (position, _AT_ONCE))
            found = await cursor.fetchall()
        for entry in found:
            yield entry
        if len(found) < _AT_ONCE:
            return
        position = found[-1].position
