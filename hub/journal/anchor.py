"""Anchors: how far the journal had come at an instant, signed with a key unknown to the database."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of an anchor file.

    `number` counts the anchors of a file from 1, and `previous` is the hash of the line before, so
    that no line can be taken out. `position` and `chain` are those of the newest entry, 0 and the
    start of the chain if there is none. `restored` says why the journal may be shorter than before.
    """

    number: int
    at: datetime
    position: int
    journal_id: int
    chain: str
    previous: str
    restored: str | None = None
    signature: str = ""

    @property
    def signed_text(self) -> bytes:
        return _json({**asdict(self), "at": self.at.isoformat(), "signature": None})

    @property
    def line(self) -> str:
        """The anchor as it is written, without a line break."""
        return _json({**asdict(self), "at": self.at.isoformat()}).decode()

    @property
    def digest(self) -> str:
        """What the next anchor says of this one."""
        return hashlib.sha256(self.line.encode()).hexdigest()

    def signed(self, key: Ed25519PrivateKey) -> "Anchor":
        return replace(self, signature=base64.b64encode(key.sign(self.signed_text)).decode())

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(base64.b64decode(self.signature, validate=True), self.signed_text)
        except (binascii.Error, InvalidSignature):
            return False
        return True


_ANCHOR = TypeAdapter(Anchor)


def read_anchors(lines: Iterable[str]) -> list[Anchor]:
    """The anchors among the lines of a file.

    A line that is none (a crash cut it off, or somebody changed it) is left out; if it was one, the
    next anchor no longer follows.
    """
    return [anchor for line in lines if (anchor := _read(line)) is not None]


def _read(line: str) -> Anchor | None:
    try:
        return _ANCHOR.validate_json(line)
    except ValidationError:
        return None


def _json(content: dict[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
