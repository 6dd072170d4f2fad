"""Messages that are not stored as truth. What is refused again and again counts, and examples are kept."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from hub.ingest.waiting import Received
from wire.topics import Address

log = structlog.get_logger()

KEPT_EXAMPLES = 5
KEPT_PAYLOAD_BYTES = 64 * 1024
"""Of an example that is longer, only this beginning is kept, with its length and hash."""
MOST_SHAPES = 30
"""Of one source; what else it sends is all one."""
LOGGED_EVERY = timedelta(minutes=1)

_WITHOUT_VALUES = re.compile(r" \(got .*\)|; \d+ more$")
_VALUES = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\b[0-9a-f]{64}\b|\d+")


class Outcome(StrEnum):
    """Why a message is not stored: it breaks the contract, or comes from where it should not."""

    MALFORMED = "malformed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that was refused. `source` is its topic without what differs in each message."""

    outcome: Outcome
    source: str
    reason: str
    message: Received


@dataclass(frozen=True, slots=True)
class Example:
    """What a refused message was, as far as it is kept."""

    topic: str
    reason: str
    payload: bytes
    payload_bytes: int
    payload_sha256: str
    received_at: datetime


@dataclass(slots=True)
class Refusal:
    """The messages of a batch that one source sent and that were refused for reasons of one shape."""

    source: str
    outcome: Outcome
    shape: str
    reason: str
    first_at: datetime
    last_at: datetime
    messages: int = 0
    examples: list[Example] = field(default_factory=list)


class Refusals:
    """Collapses dead letters, and says so in the log no more than once a minute for each sort.

    It remembers shapes and times of this process alone; the totals are in the database.
    """

    def __init__(self) -> None:
        self._shapes: dict[str, set[str]] = {}
        self._unlogged: dict[tuple[str, Outcome, str], int] = {}
        self._logged_at: dict[tuple[str, Outcome, str], datetime] = {}

    def collapse(self, letters: Iterable[DeadLetter]) -> list[Refusal]:
        """One refusal for each source and shape of reason, in the order of their keys."""
        found: dict[tuple[str, Outcome, str], Refusal] = {}
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
        """Tell of what was refused: at once where it is new, else with the next minute's count."""
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
    """A reason without the values in it, so that alike ones are equal."""
    return _VALUES.sub("…", _WITHOUT_VALUES.sub("", reason))


def source_of(topic: str, address: Address | None) -> str:
    """The topic that alike messages share: without command ids and hashes, cut where it is none of ours."""
    if address is None:
        return "/".join([*topic.replace("\x00", "�").split("/", 5)[:5], "…"])[:200]
    return str(address).removesuffix(f"/{address.tail}")


def _example(letter: DeadLetter) -> Example:
    message = letter.message
    return Example(
        message.topic.replace("\x00", "�"),
        letter.reason,
        message.payload[:KEPT_PAYLOAD_BYTES],
        len(message.payload),
        hashlib.sha256(message.payload).hexdigest(),
        message.received_at,
    )
