"""What the journal is told of video."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from hub.journal import NewEntry, Subject


def about(
    session_id: UUID | str,
    kind: str,
    actor: str,
    now: datetime,
    *,
    case_id: int | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    **data: JsonValue,
) -> NewEntry:
    """A line of the journal about a session."""
    return NewEntry(
        Subject.VIDEO,
        str(session_id),
        kind,
        actor,
        now,
        event=kind,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        data=data | {"session_id": str(session_id), "case_id": case_id},
    )
