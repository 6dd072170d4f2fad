"""Tokens of sessions, devices, and whoever publishes or watches: random, shown once, kept as a hash."""

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """SHA-256, hexadecimal: a token has 256 random bits, so that nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
