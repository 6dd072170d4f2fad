"""Read an alarm out of an event that breaks the contract: somebody in danger must not wait for its mending.

Whatever can be read is kept, the rest is left out. What does not say that it is an alarm is none.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import JsonValue, TypeAdapter, ValidationError

from wire.limits import MAX_TEXT
from wire.messages import Crs, EventType, Place, TerminalEvent
from wire.messages.base import Instant, Lat, Lon, Metres, Sha256, Slug

T = TypeVar("T")

ALARMS = frozenset({EventType.SOS, EventType.FALL})
SAME_WITHIN = timedelta(minutes=10)
"""An alarm that tells neither when nor which it is counts as a repeat of the same bytes for this long."""
UNKNOWN_CRS_M = 1000.0
"""The least error of a place in an unknown coordinate system."""
_READ_BYTES = 1024 * 1024
"""No broker takes a longer message."""
_WRAPPED_DEEP = 5
"""An alarm may be inside of so many lists, texts and objects without a type of their own."""
_PHOTOS = 9
_IDS = UUID("5f0c1b54-3a0e-5b0e-9a58-0d5f3e6b7a11")
_TYPE = re.compile(r"""(?<![\w\\])["']?type["']?\s*[:=]\s*["']?([^"',}\s]{1,40})""", re.IGNORECASE)
_TEXTS = re.compile(
    r"""(?<![\w\\])["']?(event_id|observed_at|text|crs)["']?\s*:\s*"((?:[^"\\]|\\.)*)""",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"""(?<![\w\\])["']?(lon|lat|accuracy_m)["']?\s*:\s*["']?(-?\d{1,9}(?:\.\d{1,17})?)""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SalvagedAlarm:
    """An alarm with what could be read of it. `repeat_key` is equal for repeats of one message."""

    event: TerminalEvent
    repeat_key: str


def salvage_alarm(payload: bytes, device_id: str, received_at: datetime) -> SalvagedAlarm | None:
    """The alarm in the payload of an event; None if it says none."""
    fields = _fields(payload)
    type_ = None if fields is None else alarm_type(fields.get("type"))
    if fields is None or type_ is None:
        return None
    said_at = _read(Instant, fields.get("observed_at"))
    repeat_key = sha256(payload).hexdigest()
    if said_at is None:
        repeat_key += f"/{int(received_at.timestamp() // SAME_WITHIN.total_seconds())}"
    event = TerminalEvent(
        event_id=_event_id(fields.get("event_id")) or str(uuid5(_IDS, f"{device_id}/{repeat_key}")),
        type=type_,
        observed_at=said_at or received_at,
        place=_place(fields),
        text=_text(fields.get("text")),
        category=_read(Slug, fields.get("category")),
        condition=_read(Slug, fields.get("condition")),
        evidence=tuple(_photos(fields.get("evidence")))[:_PHOTOS],
    )
    return SalvagedAlarm(event, repeat_key)


def alarm_type(said: object) -> EventType | None:
    """The alarm that a type names, in any case of letters and between any signs; None if it names none."""
    if not isinstance(said, str):
        return None
    plain = unicodedata.normalize("NFKC", said[:100]).casefold()
    letters = "".join(each for each in plain if each.isalnum())
    return next((each for each in ALARMS if each == letters), None)


def _fields(payload: bytes) -> Mapping[str, Any] | None:
    """The fields of the event by their lower-case names, also of a document that is cut off."""
    text = _as_text(payload[:_READ_BYTES])
    try:
        document = json.JSONDecoder(strict=False).raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return _scanned(text)
    alarms = (each for each in _events(document) if alarm_type(each["type"]))
    return next(alarms, None)


def _events(document: JsonValue, deep: int = _WRAPPED_DEEP) -> Iterator[Mapping[str, Any]]:
    """The outermost objects that have a type."""
    inner: Iterable[JsonValue] = ()
    if isinstance(document, dict):
        fields = _lowered(document)
        if "type" in fields:
            yield fields
            return
        inner = document.values()
    elif isinstance(document, list):
        inner = document
    elif isinstance(document, str):
        inner = _unquoted(document)
    if deep:
        for each in inner:
            yield from _events(each, deep - 1)


def _unquoted(text: str) -> Iterator[JsonValue]:
    """The object or list that a text holds, as of a device that writes its JSON twice."""
    if text.lstrip().startswith(("{", "[")):
        try:
            yield json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return


def _as_text(payload: bytes) -> str:
    encoding = json.detect_encoding(payload)
    for codec in (encoding, "gb18030"):
        try:
            return payload.decode(codec).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return payload.decode(encoding, errors="replace")


def _scanned(text: str) -> dict[str, JsonValue] | None:
    """What a broken document says in plain sight; if it names several types, that of an alarm counts."""
    named = next((said for said in _TYPE.findall(text) if alarm_type(said)), None)
    if named is None:
        return None
    fields: dict[str, JsonValue] = {"type": named}
    for name, value in [*_TEXTS.findall(text), *_NUMBERS.findall(text)]:
        fields.setdefault(name.lower(), value)
    return fields


def _lowered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Names in lower case; the name as the contract writes it goes before others."""
    lowered = {str(name).strip().lower(): value for name, value in document.items()}
    return lowered | {name: value for name, value in document.items() if name == name.lower()}


def _read(kind: type[T] | Any, value: object) -> T | None:
    """A value that keeps the contract, or None. Numbers are not taken for instants or names."""
    if not isinstance(value, str):
        return None
    try:
        read: T = TypeAdapter(kind).validate_json(json.dumps(value.strip()), strict=True)
    except ValidationError:
        return None
    return read


def _event_id(value: object) -> str | None:
    try:
        return str(UUID(value.strip())) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    clean = "".join(each for each in value if each != "\0" and not "\ud800" <= each <= "\udfff")
    return clean[:MAX_TEXT] or None


def _place(fields: Mapping[str, Any]) -> Place | None:
    """The place of the event, which some devices write beside it; None if half of it is missing."""
    inner = fields.get("place")
    said = {**fields, **_lowered(inner)} if isinstance(inner, dict) else fields
    lon, lat = _number(Lon, said.get("lon")), _number(Lat, said.get("lat"))
    if lon is None or lat is None:
        return None
    accuracy_m = _number(Metres, said.get("accuracy_m"))
    named = said.get("crs", Crs.WGS84)
    crs = next((each for each in Crs if isinstance(named, str) and each == named.lower()), None)
    if crs is None:
        return Place(lon=lon, lat=lat, accuracy_m=max(accuracy_m or 0.0, UNKNOWN_CRS_M))
    return Place(lon=lon, lat=lat, accuracy_m=30.0 if accuracy_m is None else accuracy_m, crs=crs)


def _number(kind: Any, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read: float = TypeAdapter(kind).validate_python(value)
    except (ValidationError, OverflowError):
        return None
    return read


def _photos(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        lowered = each.lower() if isinstance(each, str) else each
        if (photo := _read(Sha256, lowered)) is not None:
            yield photo
