"""Faults of networks and firmware, drawn by seed."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from random import Random

from firmware_sim.outgoing_message import OutgoingMessage
from wire.limits import MAX_JPEG_BYTES, MAX_JSON_BYTES

_FORM = re.compile(r"^([a-z_]+)=(-?[0-9.]+)$")
_HELD_AT_MOST = 3


@dataclass(frozen=True)
class FaultRates:
    """Probabilities per message, 0 to 1; `clock_skew` is in seconds, of all devices' clocks."""

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    garbage: float = 0.0
    clock_skew: float = 0.0


class BadFault(ValueError):
    """An option that names no fault; the message lists the valid names."""

    def __init__(self, text: str, names: Iterable[str]) -> None:
        super().__init__(
            f"{text!r} is no fault; write NAME=NUMBER with a name of: {', '.join(names)}"
        )
        self.text = text


def parse_faults(texts: list[str]) -> FaultRates:
    """Read options such as `drop=0.05`. Raises BadFault."""
    rates = FaultRates(**parse_numbers(texts, [field.name for field in fields(FaultRates)]))
    for text in texts:
        name, _, number = text.partition("=")
        if name != "clock_skew" and not 0 <= float(number) <= 1:
            raise BadFault(text, [field.name for field in fields(FaultRates)])
    return rates


def parse_numbers(texts: list[str], names: Sequence[str]) -> dict[str, float]:
    """Read NAME=NUMBER with one of these names. Raises BadFault."""
    numbers: dict[str, float] = {}
    for text in texts:
        match = _FORM.match(text)
        if not match or match[1] not in names:
            raise BadFault(text, names)
        numbers[match[1]] = float(match[2])
    return numbers


class Faults:
    """Applies faults to the messages of one device; the same seed gives the same faults."""

    def __init__(self, rates: FaultRates, rng: Random) -> None:
        self._rates = rates
        self._rng = rng
        self._held: list[OutgoingMessage] = []

    def spoil(self, message: OutgoingMessage) -> list[OutgoingMessage]:
        """The messages to publish in place of this one: none, or itself, a repeat, earlier ones, garbage.

        Retained state always passes, because the broker keeps it.
        """
        if message.retain:
            return [message]
        if self._hit(self._rates.drop):
            return self._release()
        if len(self._held) < _HELD_AT_MOST and self._hit(self._rates.reorder):
            self._held.append(message)
            return []
        passed = [message]
        if self._hit(self._rates.duplicate):
            passed.append(message)
        if self._hit(self._rates.garbage):
            payload = rubbish(self._rng, message.payload)
            passed.append(
                OutgoingMessage(message.topic, payload, message.qos, properties=message.properties)
            )
        return passed + self._release()

    def _hit(self, probability: float) -> bool:
        return probability > 0 and self._rng.random() < probability

    def _release(self) -> list[OutgoingMessage]:
        """Messages that were held back follow a later one, the newest of them first."""
        held, self._held = self._held[::-1], []
        return held


def rubbish(rng: Random, payload: bytes) -> bytes:
    """A malformed message, made from a good one."""
    is_json = payload[:1] in (b"{", b"[")
    spoilers = (_torn, _with_foreign_id, _oversize) if is_json else (_no_jpeg, _huge_blob)
    return rng.choice(spoilers)(payload)


def _torn(payload: bytes) -> bytes:
    return payload[: max(1, len(payload) // 2)]


def _with_foreign_id(payload: bytes) -> bytes:
    """The same message with the id of another device in it."""
    content = json.loads(payload)
    rows = content if isinstance(content, list) else [content]
    for row in rows:
        for key in ("command_id", "event_id", "boot_id"):
            if key in row:
                row[key] = "not-of-this-device/" + str(row[key])
    return json.dumps(content).encode()


def _oversize(payload: bytes) -> bytes:
    return payload[:-1] + b" " * MAX_JSON_BYTES + payload[-1:]


def _no_jpeg(payload: bytes) -> bytes:
    return b"\x89PNG" + payload[4:400]


def _huge_blob(payload: bytes) -> bytes:
    return payload + bytes(MAX_JPEG_BYTES)
