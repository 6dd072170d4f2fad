"""Journal entries about video sessions."""

from uuid import UUID

from pydantic import JsonValue

from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork


def note(
    work: UnitOfWork,
    session_id: UUID,
    kind: str,
    *,
    case_id: int | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    **data: JsonValue,
) -> None:
    """Note in the journal what happened to a session."""
    entry = NewEntry(
        Subject.VIDEO,
        str(session_id),
        kind,
        work.actor,
        work.now,
        event=kind,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        data=data | {"session_id": str(session_id), "case_id": case_id},
    )
    work.record(entry)
