"""The hash chains: one for each subject, over the content of its entries, and one over all entries."""

import hashlib
import json
from collections.abc import Sequence

from hub.journal.entry import Entry, NewEntry

GENESIS = "0" * 64


def entry_hash(prev_hash: str, entry: NewEntry | Entry) -> str:
    """SHA-256, hexadecimal, over the previous hash and the canonical JSON of the entry's content."""
    content = {
        "subject": str(entry.subject),
        "subject_id": entry.subject_id,
        "kind": entry.kind,
        "actor": entry.actor,
        "at": entry.at.isoformat(),
        "event": entry.event,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": entry.reason,
        "data": entry.data,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(prev_hash.encode() + text.encode()).hexdigest()


def chain_link(before: str, position: int, entry_hash: str) -> str:
    """The link of an entry in the chain over everything; the database's `chain_link` is the same."""
    return hashlib.sha256(f"{before}:{position}:{entry_hash}".encode()).hexdigest()


def chain_breaks(entries: Sequence[Entry]) -> list[int]:
    """The journal ids at which the chain of one subject, given in order, does not hold."""
    breaks: list[int] = []
    prev_hash = GENESIS
    for entry in entries:
        if entry.prev_hash != prev_hash or entry.hash != entry_hash(prev_hash, entry):
            breaks.append(entry.journal_id)
        prev_hash = entry.hash
    return breaks
