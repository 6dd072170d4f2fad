"""Judges the answers to one command by the rules of docs/wire.md, "Commands"."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from wire.messages import Ack, AckState

FINAL = frozenset({AckState.SUCCEEDED, AckState.FAILED, AckState.REJECTED, AckState.EXPIRED})
_ORDER = {
    AckState.DELIVERED: 0,
    AckState.ACCEPTED: 1,
    AckState.IN_PROGRESS: 2,
    **dict.fromkeys(FINAL, 3),
}


def distinct(answers: Sequence[Ack]) -> list[Ack]:
    """The answers without repeats of the same one, in the order of their numbers."""
    by_rev: dict[int, Ack] = {}
    for answer in answers:
        by_rev.setdefault(answer.rev, answer)
    return [by_rev[rev] for rev in sorted(by_rev)]


def ended(answers: Sequence[Ack]) -> bool:
    """Whether one of them ends the command."""
    return any(answer.state in FINAL for answer in answers)


def underway(answers: Sequence[Ack]) -> bool:
    """Whether the work of a command has begun, or is over."""
    return any(answer.state in FINAL | {AckState.IN_PROGRESS} for answer in answers)


def fault_of(answers: Sequence[Ack]) -> str:
    """Why a whole series of answers breaks the contract; empty if it doesn't.

    Numbers start at 1 and grow by one, a number is used once, the first answer is `delivered`, states
    never go back, nothing follows the end, and `rejected` and `failed` have a reason.
    """
    if not answers:
        return "no answer came"
    return next(filter(None, (_clash(answers), *_faults(distinct(answers)))), "")


def _faults(series: Sequence[Ack]) -> Iterator[str]:
    revs = [answer.rev for answer in series]
    if revs != list(range(1, len(revs) + 1)):
        yield f"rev must count 1, 2, 3, …; these came: {', '.join(map(str, revs))}"
    states = [answer.state for answer in series]
    said = ", ".join(states)
    if states[0] is not AckState.DELIVERED:
        yield f"the first answer must be delivered; these came: {said}"
    if any(state in FINAL for state in states[:-1]):
        yield f"something follows the end: {said}"
    if any(_ORDER[after] < _ORDER[before] for before, after in pairwise(states)):
        yield f"the states go back: {said}"
    if states[-1] in {AckState.REJECTED, AckState.FAILED} and not series[-1].reason:
        yield f"{states[-1]} must have a reason"


def _clash(answers: Sequence[Ack]) -> str:
    """Two different answers under one number."""
    first: dict[int, Ack] = {}
    for answer in answers:
        known = first.setdefault(answer.rev, answer)
        if known != answer:
            return (
                f"rev {answer.rev} was used for {known.state} and again for {answer.state}"
                if known.state != answer.state
                else f"rev {answer.rev} came twice with different content"
            )
    return ""


def in_words(answers: Sequence[Ack]) -> str:
    """For example `delivered, accepted, succeeded`."""
    return ", ".join(answer.state for answer in distinct(answers)) or "none"
