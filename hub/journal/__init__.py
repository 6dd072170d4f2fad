"""The append-only, hash-chained record of everything that happened to a subject."""

from hub.journal.chain import GENESIS, chain_breaks, entry_hash
from hub.journal.entry import Entry, NewEntry, Subject
from hub.journal.store import append_all, entries_after, entries_of, newest_id

__all__ = [
    "GENESIS",
    "Entry",
    "NewEntry",
    "Subject",
    "append_all",
    "chain_breaks",
    "entries_after",
    "entries_of",
    "entry_hash",
    "newest_id",
]
