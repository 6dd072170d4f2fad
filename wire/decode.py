"""From bytes on a topic to a validated message, or to the reason for its refusal.

A message that passes can be stored: no NUL character, no lone surrogate, no number that is not finite.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any, TypeAlias

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from wire import jpeg
from wire.families import BY_LEAF, HUB_STATUS
from wire.limits import MAX_JPEG_PIXELS, MAX_JSON_BYTES
from wire.messages import SAMPLES, Ack, HubStatus, Message, Order, Sample
from wire.topics import Address, Leaf

MAX_REASON = 200
_MAX_QUOTE = 40
_UNSTORABLE = ((b"\\", b"\\u0000"), (b"N", b"NaN"), (b"I", b"Infinity"))
"""The forms of a NUL character or a non-finite number in JSON that the parser accepts.

First a single byte: the search for it is twenty times faster, and it is mostly absent.
"""


class Malformed(Exception):
    """A message that breaks the contract; `reason` names the field, in at most 200 characters."""

    def __init__(self, topic: str, reason: str) -> None:
        reason = _shortened(reason, MAX_REASON)
        super().__init__(f"{topic}: {reason}")
        self.topic = topic
        self.reason = reason


@dataclass(frozen=True)
class JpegPayload:
    """A JPEG whose header was read, with its hash; `width` and `height` in pixels."""

    data: bytes
    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class PartlySound:
    """The sound samples of a message, and a reason for each of the others, which begins with its index."""

    samples: list[Sample]
    reasons: list[str]


Decoded: TypeAlias = Message | list[Sample] | PartlySound | JpegPayload


def decode(address: Address, payload: bytes) -> Decoded:
    """Check a payload against the family that its topic names.

    Samples are checked one by one. Raises Malformed, also if no sample is sound.
    """
    family = BY_LEAF.get((address.kind, address.leaf))
    if family is None:
        raise Malformed(str(address), f"{address.kind} have no {address.leaf}")
    if len(payload) > family.max_bytes:
        size = f"{len(payload)} bytes, at most {family.max_bytes} are allowed"
        raise Malformed(str(address), f"payload: {size}")
    if family.payload is None:
        return _picture(address, payload)
    if family.payload is SAMPLES:
        return _samples(address, payload)
    decoded: Message = _checked_json(address, family.payload, payload)
    if address.tail and isinstance(decoded, Ack | Order) and decoded.command_id != address.tail:
        raise Malformed(str(address), "command_id: differs from the one in the topic")
    return decoded


def decode_hub_status(topic: str, payload: bytes) -> HubStatus:
    """Read the hub's own birth or last will, for devices. Raises Malformed."""
    if len(payload) > MAX_JSON_BYTES:
        raise Malformed(topic, f"payload: {len(payload)} bytes, at most {MAX_JSON_BYTES}")
    status: HubStatus = _checked_json(topic, HUB_STATUS, payload)
    return status


def _picture(address: Address, payload: bytes) -> JpegPayload:
    try:
        width, height = jpeg.size(payload)
    except jpeg.NotJpeg as error:
        raise Malformed(str(address), f"payload: {error}") from None
    if width * height > MAX_JPEG_PIXELS:
        size = f"{width} x {height} pixels, at most {MAX_JPEG_PIXELS} are allowed"
        raise Malformed(str(address), f"payload: {size}")
    digest = sha256(payload).hexdigest()
    if address.leaf is Leaf.EVIDENCE and digest != address.tail:
        raise Malformed(str(address), f"payload: its sha256 is {digest}, the topic says otherwise")
    return JpegPayload(payload, digest, width, height)


def _samples(address: Address, payload: bytes) -> list[Sample] | PartlySound:
    try:
        samples: list[Sample] = _checked_json(address, SAMPLES, payload)
    except Malformed:
        reasons = _reasons_by_index(payload)
        if not reasons:
            raise
        sound = [item for n, item in enumerate(json.loads(payload)) if n not in reasons]
        if not sound:
            raise
        samples = SAMPLES.validate_json(json.dumps(sound), strict=True)
        return PartlySound(samples, [_shortened(each, MAX_REASON) for each in reasons.values()])
    return samples


def _reasons_by_index(payload: bytes) -> dict[int, str]:
    """What is wrong with single samples, in their order; nothing if the whole message is at fault."""
    faults: dict[int, list[ErrorDetails]] = {}
    try:
        SAMPLES.validate_json(payload, strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            if not fault["loc"]:
                return {}
            faults.setdefault(int(fault["loc"][0]), []).append(fault)
    reasons = {index: _in_words(*found) for index, found in faults.items()}
    if _may_be_unstorable(payload):
        for field, said in _unstorable(json.loads(payload), ()):
            reasons.setdefault(int(field[0]), f"{_named(field)}: {said}")
    return dict(sorted(reasons.items()))


def _checked_json(topic: Address | str, adapter: TypeAdapter[Any], payload: bytes) -> Any:
    if not payload:
        raise Malformed(str(topic), "payload: empty")
    try:
        decoded = adapter.validate_json(payload, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Malformed(str(topic), _explained(error)) from None
    if _may_be_unstorable(payload):
        for field, fault in _unstorable(json.loads(payload), ()):
            raise Malformed(str(topic), f"{_named(field)}: {fault}")
    return decoded


def _may_be_unstorable(payload: bytes) -> bool:
    return any(mark in payload and text in payload for mark, text in _UNSTORABLE)


def _unstorable(value: JsonValue, field: tuple[str | int, ...]) -> Iterator[tuple[Any, str]]:
    """Yield where the document holds what a database cannot store, unknown fields included."""
    if isinstance(value, str) and "\0" in value:
        yield field, "must not contain the NUL character"
    elif isinstance(value, float) and not isfinite(value):
        yield field, "must be a finite number"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unstorable(key, (*field, key))
            yield from _unstorable(item, (*field, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable(item, (*field, index))


def _explained(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    if faults[0]["loc"] and "tagged-union" in error.title:
        faults[0]["loc"] = faults[0]["loc"][1:]
    return _in_words(*faults)


def _in_words(first: ErrorDetails, *others: ErrorDetails) -> str:
    """Put the first fault in words, with the field's name and, if it is short, its value."""
    field = first["loc"]
    message = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    if first["type"] == "union_tag_invalid":
        field, message = ("type",), "no such type of command"
        value = first["ctx"]["tag"]
    elif first["type"] == "union_tag_not_found":
        field, message = ("type",), "Field required"
    got = f" (got {_quoted(value)})" if isinstance(value, str | int | float) else ""
    if first["type"] == "json_invalid":
        got = ""
    more = f"; {len(others)} more" if others else ""
    return f"{_named(field)}: {_shortened(message, 110)}{got}{more}"


def _named(field: tuple[str | int, ...]) -> str:
    """`(3, "place", "lat")` as `[3].place.lat`; or the payload itself if there is no field."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{_plain(step)}" for step in field]
    return _shortened("".join(steps).removeprefix("."), 80) or "payload"


def _plain(key: str) -> str:
    return key if key.isidentifier() and len(key) <= _MAX_QUOTE else _quoted(key)


def _quoted(value: object) -> str:
    """As a Python literal, so that control characters are visible and harmless, cut to fit."""
    return _shortened(repr(value[:_MAX_QUOTE] if isinstance(value, str) else value), _MAX_QUOTE)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
