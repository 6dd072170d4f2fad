"""Argon2id hashes, computed off the event loop and a few at a time: each needs 64 MiB by design."""

from functools import cache

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 200
_MAX_PARALLEL = 4

_HASHER = PasswordHasher()
_limiter: RunVar[CapacityLimiter] = RunVar("password_hashing")


async def hash_password(password: str) -> str:
    return await to_thread.run_sync(_HASHER.hash, password, limiter=_bound())


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash, the same work is done and the answer is False."""
    return await to_thread.run_sync(_verify, password_hash, password, limiter=_bound())


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


def _bound() -> CapacityLimiter:
    try:
        return _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_MAX_PARALLEL)
        _limiter.set(limiter)
        return limiter
