"""The states of a command, who may move it to which, and the effect of a device's ack."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from wire.messages import AckState


class CommandState(StrEnum):
    """How far a command has come, and how it ended."""

    CREATED = "created"
    """Written down; waits for a device that is offline."""
    QUEUED = "queued"
    """In the outbox."""
    SENT = "sent"
    """The broker has it; the device may not have it yet."""
    DELIVERED = "delivered"
    """The device has confirmed that it has it."""
    ACCEPTED = "accepted"
    """The holder took it on, or read it."""
    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    """The holder declined, before or after taking it on."""
    EXPIRED = "expired"
    """Not delivered in time."""
    NO_ANSWER = "no_answer"
    """Delivered, but not accepted in time."""
    TIMED_OUT = "timed_out"
    """Taken on, but not finished in time."""
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """Another command took its place."""


class MovedBy(StrEnum):
    """Who moves a command from one state to the next."""

    HUB = "hub"
    DEVICE = "device"
    TIMER = "timer"
    PERSON = "person"


_S = CommandState

UNDELIVERED = frozenset({_S.CREATED, _S.QUEUED, _S.SENT})
UNDERWAY = frozenset({_S.DELIVERED, _S.ACCEPTED, _S.IN_PROGRESS})
ACTIVE = UNDELIVERED | UNDERWAY
FINAL = frozenset(_S) - ACTIVE

_ANSWERS = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.SUCCEEDED, _S.FAILED, _S.REJECTED})
_RESULTS = frozenset({_S.SUCCEEDED, _S.FAILED, _S.REJECTED})
_FIRST_ANSWERS = _ANSWERS | {_S.DELIVERED, _S.EXPIRED}
_WITHDRAWN = frozenset({_S.CANCELLED, _S.SUPERSEDED})

MOVES: Mapping[MovedBy, Mapping[CommandState, frozenset[CommandState]]] = {
    MovedBy.HUB: {
        _S.CREATED: _WITHDRAWN | {_S.QUEUED},
        _S.QUEUED: _WITHDRAWN | {_S.SENT},
        _S.SENT: _WITHDRAWN | {_S.QUEUED},  # sent again when the device comes back
        _S.DELIVERED: _WITHDRAWN | {_S.SUCCEEDED},
        _S.ACCEPTED: _WITHDRAWN | {_S.SUCCEEDED},
        _S.IN_PROGRESS: _WITHDRAWN | {_S.SUCCEEDED},
    },
    # Acks overtake each other and the broker's receipt, so a device may skip states, but never go back.
    MovedBy.DEVICE: {
        _S.CREATED: _FIRST_ANSWERS,
        _S.QUEUED: _FIRST_ANSWERS,
        _S.SENT: _FIRST_ANSWERS,
        _S.DELIVERED: _ANSWERS | {_S.EXPIRED},
        _S.ACCEPTED: _RESULTS | {_S.IN_PROGRESS},
        _S.IN_PROGRESS: _RESULTS | {_S.IN_PROGRESS},  # news of the progress
    },
    MovedBy.TIMER: {
        _S.CREATED: frozenset({_S.EXPIRED}),
        _S.QUEUED: frozenset({_S.EXPIRED}),
        _S.SENT: frozenset({_S.EXPIRED}),
        _S.DELIVERED: frozenset({_S.NO_ANSWER, _S.TIMED_OUT}),
        _S.ACCEPTED: frozenset({_S.TIMED_OUT}),
        _S.IN_PROGRESS: frozenset({_S.TIMED_OUT}),
    },
    MovedBy.PERSON: {state: frozenset({_S.CANCELLED}) for state in ACTIVE},
}


def may_move(by: MovedBy, from_state: CommandState, to_state: CommandState) -> bool:
    return to_state in MOVES[by].get(from_state, frozenset())


@dataclass(frozen=True, slots=True)
class NumberedAck:
    """The parts of an ack that decide: its state, and its number among the acks of the command."""

    state: AckState
    rev: int


@dataclass(frozen=True, slots=True)
class AckCounts:
    """The answer counts: the command is now in `to`."""

    to: CommandState


@dataclass(frozen=True, slots=True)
class AckTooLate:
    """The answer is kept in the history and changes nothing; `why` is a sentence for people."""

    why: str


@dataclass(frozen=True, slots=True)
class AckRepeated:
    """The answer that counted last, again."""


AckDecision: TypeAlias = AckCounts | AckTooLate | AckRepeated


def decide(state: CommandState, rev: int, answer: NumberedAck) -> AckDecision:
    """The effect of an ack on a command in `state` whose last counted ack was number `rev`."""
    if answer.rev == rev:
        return AckRepeated()
    if state in FINAL:
        return AckTooLate(f"the command was already {state}")
    if answer.rev < rev:
        return AckTooLate(f"a later answer, number {rev}, came first")
    to = CommandState(answer.state)
    if not may_move(MovedBy.DEVICE, state, to):
        return AckTooLate(f"a device cannot move a command from {state} to {to}")
    return AckCounts(to)
