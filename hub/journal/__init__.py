"""The append-only, hash-chained record of everything that happened to a subject."""

from hub.journal.chain import GENESIS, chain_breaks, entry_hash
from hub.journal.cursor import Cursor
from hub.journal.entry import Entry, NewEntry, Subject
from hub.journal.store import append_all, entries_after, entries_of, is_known, newest_cursor

__all__ = [
    "GENESIS",
    "Cursor",
    "Entry",
    "NewEntry",
    "Subject",
    "append_all",
    "chain_breaks",
    "entries_after",
    "entries_of",
    "entry_hash",
    "is_known",
    "newest_cursor",
]
