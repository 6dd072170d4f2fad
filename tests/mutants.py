"""Messages that something has happened to: by seed, and cheap enough for thousands of each family."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import cv2
import numpy as np

import wire
from wire import topics
from wire.families import Family
from wire.topics import Kind, Leaf

EXAMPLES = Path(wire.__file__).parent / "examples"
JPEG = cv2.imencode(".jpg", np.zeros((16, 16), np.uint8))[1].tobytes()
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"

_JUNK = [
    b"", b"\0", b"\\u0000", b"\\ud800", b"NaN", b"-Infinity", b"1e999", b"[" * 300, b"null", b'"',
    b"{", b"}", b",", b"\xff\xd9", b"\xc3", "中".encode(), b"9" * 4300, b"true", b"-1", b"\xff\xff",
]  # fmt: skip
_VALUES: list[object] = [
    None, True, -1, 0, 2**53, 2**63, 2**64, 1e308, 0.1, "", "x" * 3000, "a\0b", "中文🚨", "\u202e",
    "9999-12-31T23:59:59Z", "2025-08-07T15:19:00+08:00", "2025-02-30T00:00:00Z", [], {}, [[]],
    {"a": {"b": 1}}, "gcj02", "NaN", -0.0,
]  # fmt: skip

DEVICES = {Kind.TERMINAL: "T-1", Kind.CAMERA: "C-1", Kind.EDGE: "E-1"}
_TAILS = {Leaf.ACKS: COMMAND_ID, Leaf.DETECTIONS: "C-1"}


def mutants(family: Family, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of so many messages; about a tenth of them are whole."""
    rng = Random(f"{family.name} {seed}")
    originals = _originals(family)
    for _ in range(count):
        payload = rng.choice(originals)
        if rng.random() < 0.9:
            payload = rng.choice(_WAYS)(payload, rng)
        yield _topic(family, payload, rng), payload


def _originals(family: Family) -> list[bytes]:
    if family.payload is None:
        return [JPEG]
    found = []
    for path in sorted(EXAMPLES.glob(f"*/{family.name}/*.json")):
        golden = json.loads(path.read_text("utf-8"))
        text = golden.get("payload_text")
        payload = json.dumps(golden["payload"], ensure_ascii=False) if text is None else text
        found.append(payload.encode())
    return found


def _topic(family: Family, payload: bytes, rng: Random) -> str:
    """The family's topic under a device that is registered; now and then a tail that is none."""
    tail = _TAILS.get(family.leaf, "")
    if family.leaf is Leaf.EVIDENCE:
        tail = hashlib.sha256(payload).hexdigest()
    topic = topics.device("530303", family.kind, DEVICES[family.kind], family.leaf, tail)
    return f"{topic}{rng.choice(['x', '中', '..'])}" if tail and rng.random() < 0.02 else topic


def _patched(payload: bytes, rng: Random) -> bytes:
    """A few stretches cut out or replaced."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(payload))
        end = min(len(payload), start + rng.randint(0, 20))
        junk = rng.choice(_JUNK) if rng.random() < 0.5 else rng.randbytes(rng.randint(0, 4))
        payload = payload[:start] + junk + payload[end:]
    return payload


def _cut(payload: bytes, rng: Random) -> bytes:
    return payload[: rng.randint(0, len(payload))]


def _noise(_payload: bytes, rng: Random) -> bytes:
    return rng.randbytes(rng.randint(0, 300))


def _flipped(payload: bytes, rng: Random) -> bytes:
    changed = bytearray(payload)
    for _ in range(rng.randint(1, 3)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _revalued(payload: bytes, rng: Random) -> bytes:
    """Good JSON with one value that it should not have, or one field more or less."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return _patched(payload, rng)
    places = list(_places(document))
    if not places:
        return json.dumps(rng.choice(_VALUES)).encode()
    holder, key = rng.choice(places)
    match rng.randrange(4):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[f"{key}{rng.randint(0, 999)}"] = rng.choice(_VALUES)
        case _:
            holder[key] = rng.choice(_VALUES)
    return json.dumps(document).encode()


def _places(document: object) -> Iterator[tuple[dict | list, str | int]]:
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        for key in list(keys):
            yield document, key
            yield from _places(document[key])


_WAYS: list[Callable[[bytes, Random], bytes]] = [
    _patched, _cut, _noise, _flipped, _revalued, _revalued, _revalued,
]  # fmt: skip
