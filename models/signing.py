"""Who made a model: Ed25519 signatures over its name, its version and the hash of its archive."""

import base64
import binascii
import os
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict

from models.archive import manifest_of, sha256_of
from wire.messages import rollback_text, signed_text


class BadKey(ValueError):
    """Not a key of the wanted kind; the text says what is wrong."""


class BadSignature(ValueError):
    """A signature that was not made over these bytes with the private half of the key."""


class Release(BaseModel):
    """The file beside an archive: what the hub must tell an edge node, except the address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    model_version: str
    sha256: str
    bytes: int
    signature: str


class RollbackPaper(BaseModel):
    """The file that lets one edge node go back to an older model, once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edge_id: str
    name: str
    model_version: str
    sha256: str
    from_version: str
    issued_at: datetime
    signature: str


def new_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and keep it in a new file that only its owner may read. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a file. Raises BadKey or OSError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise BadKey(f"{path} holds no private key in PEM without a password: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path} holds a key of another kind than Ed25519")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half, as an edge node's settings take it: 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def read_public(text: str) -> Ed25519PublicKey:
    """A public key from an edge node's settings. Raises BadKey."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise BadKey("must be the 32 bytes of an Ed25519 public key in base64") from None


def sign(archive: Path, key: Ed25519PrivateKey) -> Release:
    """Sign an archive. Raises ModelRejected if it holds no model, and OSError."""
    manifest, sha256 = manifest_of(archive), sha256_of(archive)
    signature = key.sign(signed_text(manifest.name, manifest.version, sha256))
    return Release(
        name=manifest.name,
        model_version=manifest.version,
        sha256=sha256,
        bytes=archive.stat().st_size,
        signature=base64.b64encode(signature).decode(),
    )


def permit_rollback(
    release: Release, edge_id: str, from_version: str, issued_at: datetime, key: Ed25519PrivateKey
) -> RollbackPaper:
    """Permit a node that has run `from_version` to go back to a released model."""
    words = rollback_text(
        edge_id, release.name, release.model_version, release.sha256, from_version, issued_at
    )
    return RollbackPaper(
        edge_id=edge_id,
        name=release.name,
        model_version=release.model_version,
        sha256=release.sha256,
        from_version=from_version,
        issued_at=issued_at,
        signature=signature_of(words, key),
    )


def signature_of(words: bytes, key: Ed25519PrivateKey) -> str:
    """A signature as `check` takes it."""
    return base64.b64encode(key.sign(words)).decode()


def check(words: bytes, signature: str, key: Ed25519PublicKey) -> None:
    """Return if the signature (base64) was made with this key over these bytes. Raises BadSignature."""
    try:
        key.verify(base64.b64decode(signature, validate=True), words)
    except binascii.Error:
        raise BadSignature("the signature is not base64") from None
    except InvalidSignature:
        raise BadSignature("the signature does not match the configured key") from None
