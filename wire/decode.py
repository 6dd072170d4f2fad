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

from wire import jpeg
from wire.families import BY_LEAF, HUB_STATUS
from wire.limits import MAX_JPEG_PIXELS, MAX_JSON_BYTES
from wire.messages import Ack, HubStatus, Message, Order, Sample
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


Decoded: TypeAlias = Message | list[Sample] | JpegPayload


def decode(address: Address, payload: bytes) -> Decoded:
    """Check a payload against the family that its topic names. Raises Malformed."""
    family = BY_LEAF.get((address.kind, address.leaf))
    if family is None:
        raise Malformed(str(address), f"{address.kind} have no {address.leaf}")
    if len(payload) > family.max_bytes:
        size = f"{len(payload)} bytes, at most {family.max_bytes} are allowed"
        raise Malformed(str(address), f"payload: {size}")
    if family.payload is None:
        return _picture(address, payload)
    decoded: Message | list[Sample] = _checked_json(address, family.payload, payload)
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


def _checked_json(topic: Address | str, adapter: TypeAdapter[Any], payload: bytes) -> Any:
    if not payload:
        raise Malformed(str(topic), "payload: empty")
    try:
        decoded = adapter.validate_json(payload, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Malformed(str(topic), _explained(error)) from None
    if any(mark in payload and text in payload for mark, text in _UNSTORABLE):
        for field, fault in _unstorable(json.loads(payload), ()):
            raise Malformed(str(topic), f"{_named(field)}: {fault}")
    return decoded


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
    """Put the first fault in words, with the field's name and, if it is short, its value."""
    first, *others = error.errors(include_url=False)
    field = first["loc"]
    if field and "tagged-union" in error.title:
        field = field[1:]
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
