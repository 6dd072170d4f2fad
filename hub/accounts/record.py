"""What happens to accounts, in the journal."""

from pydantic import JsonValue

from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork


def record_account(
    work: UnitOfWork, username: str, kind: str, data: dict[str, JsonValue] | None = None
) -> None:
    """An entry about an account; of a log-in by a name that no account has, about its keyed hash."""
    facts: dict[str, JsonValue] = {"address": work.address} if work.address else {}
    facts |= data or {}
    work.record(NewEntry(Subject.ACCOUNT, username, kind, work.actor, work.now, data=facts))
