"""Refused messages. Repeated refusals are counted, and a few examples of each are kept."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from hub.ingest.queue import ReceivedMessage
from wire.topics import Address

log = structlog.get_logger()

KEPT_EXAMPLES = 5
KEPT_PAYLOAD_BYTES = 64 * 1024
"""Of a longer example only the beginning is kept, with the length and hash of the whole."""
MOST_SHAPES = 30
"""Of one source; all further reasons count as one."""
LOGGED_EVERY = timedelta(minutes=1)

_WITHOUT_VALUES = re.compile(r" \(got .*\)|; \d+ more$")
_VALUES = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\b[0-9a-f]{64}\b|\d+")


class RefusalOutcome(StrEnum):
    """Why a message is refused: it breaks the contract, or its sender may not send it."""

    MALFORMED = "malformed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused message. `source` is its topic without the part that differs in each message."""

    outcome: RefusalOutcome
    source: str
    reason: str
    message: ReceivedMessage


@dataclass(frozen=True, slots=True)
class DeadLetterExample:
    """What is kept of a refused message."""

    topic: str
    reason: str
    payload: bytes
    payload_bytes: int
    payload_sha256: str
    received_at: datetime


@dataclass(slots=True)
class Refusal:
    """The messages of a batch from one source that were refused for the same kind of reason."""

    source: str
    outcome: RefusalOutcome
    shape: str
    reason: str
    first_at: datetime
    last_at: datetime
    messages: int = 0
    examples: list[DeadLetterExample] = field(default_factory=list)


class Refusals:
    """Groups dead letters, and logs each group at most once a minute.

    It remembers only what this process has seen; the totals are in the database.
    """

    def __init__(self) -> None:
        self._shapes: dict[str, set[str]] = {}
        self._unlogged: dict[tuple[str, RefusalOutcome, str], int] = {}
        self._logged_at: dict[tuple[str, RefusalOutcome, str], datetime] = {}

    def group(self, letters: Iterable[DeadLetter]) -> list[Refusal]:
        """One refusal for each source and shape of reason, in the order of their keys."""
        found: dict[tuple[str, RefusalOutcome, str], Refusal] = {}
        for letter in letters:
            at = letter.message.received_at
            key = (letter.source, letter.outcome, self._shape(letter))
            refusal = found.setdefault(key, Refusal(*key, letter.reason, at, at))
            refusal.messages += 1
            refusal.last_at = max(refusal.last_at, at)
            if len(refusal.examples) < KEPT_EXAMPLES:
                refusal.examples.append(_example(letter))
        return [found[key] for key in sorted(found)]

    def log(self, refusals: Iterable[Refusal]) -> None:
        """Log refusals: new ones at once, others with the count of the last minute."""
        for refusal in refusals:
            key = (refusal.source, refusal.outcome, refusal.shape)
            messages = self._unlogged.pop(key, 0) + refusal.messages
            logged_at = self._logged_at.get(key)
            if logged_at is not None and refusal.last_at - logged_at < LOGGED_EVERY:
                self._unlogged[key] = messages
                continue
            self._logged_at[key] = refusal.last_at
            log.warning(
                "messages_refused",
                source=refusal.source,
                outcome=refusal.outcome,
                reason=refusal.reason,
                messages=messages,
            )

    def _shape(self, letter: DeadLetter) -> str:
        known = self._shapes.setdefault(letter.source, set())
        shape = shape_of(letter.reason)
        if shape in known or len(known) < MOST_SHAPES:
            known.add(shape)
            return shape
        return "many different reasons"


def shape_of(reason: str) -> str:
    """A reason without its values, so that similar reasons are equal."""
    return _VALUES.sub("…", _WITHOUT_VALUES.sub("", reason))


def source_of(topic: str, address: Address | None) -> str:
    """The topic without command ids and hashes; a topic outside the contract is cut short."""
    if address is None:
        return "/".join([*topic.replace("\x00", "�").split("/", 5)[:5], "…"])[:200]
    return str(address).removesuffix(f"/{address.tail}")


def _example(letter: DeadLetter) -> DeadLetterExample:
    message = letter.message
    return DeadLetterExample(
        message.topic.replace("\x00", "�"),
        letter.reason,
        message.payload[:KEPT_PAYLOAD_BYTES],
        len(message.payload),
        hashlib.sha256(message.payload).hexdigest(),
        message.received_at,
    )
