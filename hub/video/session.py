"""The states of a video session and what ends it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.commands.command import FINAL, CommandState

MAX_S = 1800
DEFAULT_S = 600
START_WITHIN = timedelta(seconds=60)
"""How long a token is good for beginning to publish or to watch."""
FIRST_FRAME = timedelta(seconds=15)
"""From the terminal's yes to the first picture."""
REQUEST = timedelta(seconds=8 + 20) + FIRST_FRAME
"""Delivered, agreed to by the holder, shown: no request is open for longer."""
SILENCE = timedelta(seconds=15)
"""A terminal that changes cells may be back by then; after it the picture is lost."""


class SessionState(StrEnum):
    """How far a session has come."""

    REQUESTED = "requested"
    """The terminal was asked for a picture."""
    LIVE = "live"
    """Pictures come."""
    ENDED = "ended"
    FAILED = "failed"
    """There never was a picture."""


OPEN = frozenset({SessionState.REQUESTED, SessionState.LIVE})

MOVES: Mapping[SessionState, frozenset[SessionState]] = {
    SessionState.REQUESTED: frozenset({SessionState.LIVE, SessionState.ENDED, SessionState.FAILED}),
    SessionState.LIVE: frozenset({SessionState.ENDED}),
    SessionState.ENDED: frozenset(),
    SessionState.FAILED: frozenset(),
}


class EndedBy(StrEnum):
    """Why a session is over."""

    OPERATOR = "operator"
    TIME_UP = "time_up"
    TERMINAL = "terminal"
    """The terminal stopped, by itself or its holder."""
    REFUSED = "refused"
    """The holder or the terminal said no, or could not."""
    NO_ANSWER = "no_answer"
    """The terminal or its holder did not answer the request."""
    NO_PICTURE = "no_picture"
    """The terminal agreed, and no picture came."""
    PICTURE_LOST = "picture_lost"


class MediaDirection(StrEnum):
    """What a token is good for."""

    PUBLISH = "publish"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The facts that decide whether an open session goes on."""

    state: SessionState
    ends_at: datetime
    first_frame_by: datetime
    last_frame_at: datetime | None
    command_state: CommandState | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """How a session ends."""

    to: SessionState
    by: EndedBy


def ending(facts: SessionFacts, now: datetime) -> SessionEnd | None:
    """How the session ends at this moment; None if it goes on, or has ended already."""
    if facts.state not in OPEN:
        return None
    live = facts.state is SessionState.LIVE
    if now >= facts.ends_at:
        return SessionEnd(SessionState.ENDED if live else SessionState.FAILED, EndedBy.TIME_UP)
    if facts.command_state in FINAL and (
        found := _ended_by_command(facts.command_state, live=live)
    ):
        return found
    if live:
        lost = facts.last_frame_at is not None and now - facts.last_frame_at > SILENCE
        return SessionEnd(SessionState.ENDED, EndedBy.PICTURE_LOST) if lost else None
    first_frame_by = facts.first_frame_by
    if facts.accepted_at is not None:
        first_frame_by = min(first_frame_by, facts.accepted_at + FIRST_FRAME)
    return SessionEnd(SessionState.FAILED, EndedBy.NO_PICTURE) if now > first_frame_by else None


_UNANSWERED = {CommandState.EXPIRED, CommandState.NO_ANSWER}
_REFUSED = {CommandState.REJECTED, CommandState.FAILED}


def _ended_by_command(state: CommandState | None, *, live: bool) -> SessionEnd | None:
    to = SessionState.ENDED if live else SessionState.FAILED
    if state is CommandState.CANCELLED:
        return SessionEnd(SessionState.ENDED, EndedBy.OPERATOR)
    if state in _UNANSWERED:
        # A terminal whose answers are lost may be showing its picture all the same.
        return None if live else SessionEnd(to, EndedBy.NO_ANSWER)
    if state in _REFUSED and not live:
        return SessionEnd(to, EndedBy.REFUSED)
    if state is CommandState.TIMED_OUT:
        return SessionEnd(to, EndedBy.TIME_UP)
    return SessionEnd(to, EndedBy.TERMINAL)
