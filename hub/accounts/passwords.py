"""Argon2id hashes, computed off the event loop: each needs 64 MiB by design, so callers queue for them."""

from functools import cache

from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.accounts.hashing import Turn, hashing_queue

MAX_LENGTH = 200

_HASHER = PasswordHasher()


async def hash_password(password: str) -> str:
    """The hash of a new password, which an administrator or a logged-in person sets."""
    async with hashing_queue().place(Turn.KNOWN_DEVICE):
        return await to_thread.run_sync(_HASHER.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash, the same work is done and the answer is False.

    The caller has a place in the queue.
    """
    return await to_thread.run_sync(_verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _dummy_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _dummy_hash() -> str:
    """A hash to verify against if there is no account, so that the answer takes as long."""
    return _HASHER.hash("no account has this password")
