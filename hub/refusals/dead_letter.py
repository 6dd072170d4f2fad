"""Refused messages. Similar ones of one source are one refusal, with a count. Pure.

All are kept but samples and what unknown senders send: of these, a few of each shape are kept a day.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from wire.limits import MAX_JPEG_BYTES
from wire.messages.refused import RefusalOutcome
from wire.topics import Address, Leaf

log = structlog.get_logger()

SAMPLED = 5
"""How many messages of a sampled refusal are kept of a batch, and of a day."""
KEPT_PAYLOAD_BYTES = MAX_JPEG_BYTES
"""Of a longer message only the beginning is kept, with the length and hash of the whole."""
KEPT_TOPIC = 300
"""Characters. The contract's topics are shorter; the longest that MQTT allows fit in no index."""
MOST_SHAPES = 30
"""Of one source; all further reasons count as one."""
LOGGED_EVERY = timedelta(minutes=1)

_SAMPLED_LEAVES = frozenset({Leaf.TELEMETRY, Leaf.BACKLOG})
_WITHOUT_VALUES = re.compile(r" \(got .*\)|; \d+ more$")
_VALUES = re.compile(
    r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\b[0-9a-f]{64}\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\d+"
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused message. `source` is its topic without the part that differs in each message.

    `device_id` is its sender, if that is registered. `sampled`: a few of its kind are enough.
    `payload_sha256` is given if `payload` is not the bytes that came.
    """

    outcome: RefusalOutcome
    source: str
    reason: str
    topic: str
    payload: bytes
    received_at: datetime
    device_id: str | None = None
    sampled: bool = True
    payload_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """What is kept of a refused message that came `times` times."""

    topic: str
    reason: str
    payload: bytes
    payload_bytes: int
    payload_sha256: str
    received_at: datetime
    times: int = 1


@dataclass(slots=True)
class Refusal:
    """The messages of a batch from one source that were refused for the same kind of reason."""

    source: str
    outcome: RefusalOutcome
    shape: str
    reason: str
    first_at: datetime
    last_at: datetime
    device_id: str | None = None
    sampled: bool = True
    messages: int = 0
    kept: dict[tuple[str, str], KeptMessage] = field(default_factory=dict)
    """By topic and hash of the payload."""

    def add(self, letter: DeadLetter) -> None:
        """Count one more message, and keep it unless it is one of many samples."""
        at = letter.received_at
        self.messages += 1
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)
        if self.sampled and len(self.kept) == SAMPLED:
            return
        message = _kept(letter)
        key = message.topic, message.payload_sha256
        before = self.kept.get(key)
        self.kept[key] = message if before is None else replace(message, times=before.times + 1)


class Refusals:
    """Groups dead letters, and logs each group at most once a minute.

    It remembers only what this process has seen; the totals are in the database.
    """

    def __init__(self) -> None:
        self._shapes: dict[str, set[str]] = {}
        self._unlogged: dict[tuple[str, RefusalOutcome, str], int] = {}
        self._logged_at: dict[tuple[str, RefusalOutcome, str], datetime] = {}
        self._unkept = 0
        self._unkept_logged_at: datetime | None = None

    def group(self, letters: Iterable[DeadLetter]) -> list[Refusal]:
        """One refusal for each source and shape of reason, in the order of their keys."""
        found: dict[tuple[str, RefusalOutcome, str], Refusal] = {}
        for letter in letters:
            at = letter.received_at
            key = (letter.source, letter.outcome, self._shape(letter))
            if (refusal := found.get(key)) is None:
                sender = letter.device_id
                refusal = Refusal(*key, letter.reason, at, at, sender, letter.sampled)
                found[key] = refusal
            refusal.add(letter)
        return [found[key] for key in sorted(found)]

    def log(self, refusals: Sequence[Refusal], unkept: int = 0) -> None:
        """Log refusals: new ones at once, others with the count of the last minute.

        `unkept` of their messages were counted and not kept.
        """
        if unkept:
            self._log_unkept(unkept, max(refusal.last_at for refusal in refusals))
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

    def _log_unkept(self, unkept: int, at: datetime) -> None:
        self._unkept += unkept
        if self._unkept_logged_at is None or at - self._unkept_logged_at >= LOGGED_EVERY:
            log.error("refused_messages_not_kept", messages=self._unkept)
            self._unkept, self._unkept_logged_at = 0, at

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


def is_sampled(address: Address | None, device_id: str | None) -> bool:
    """Whether a few refused messages of this kind are enough; None if topic or sender is unknown."""
    return address is None or device_id is None or address.leaf in _SAMPLED_LEAVES


def _kept(letter: DeadLetter) -> KeptMessage:
    payload = letter.payload
    return KeptMessage(
        letter.topic.replace("\x00", "�")[:KEPT_TOPIC],
        letter.reason,
        payload[:KEPT_PAYLOAD_BYTES],
        len(payload),
        letter.payload_sha256 or hashlib.sha256(payload).hexdigest(),
        letter.received_at,
    )
