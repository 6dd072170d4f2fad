"""The one way in which tests wait: for a condition, with a deadline that a busy machine can keep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

WITHIN_S = 30.0
_LOOKS_EVERY_S = 0.02


async def until(
    condition: Callable[[], Found | Awaitable[Found]], within_s: float = WITHIN_S, what: str = ""
) -> Found:
    """What `condition` returns as soon as that is true; fails, naming `what`, if it never is."""
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        _must_be_before(deadline, within_s, what)
        await asyncio.sleep(_LOOKS_EVERY_S)


def until_sync(condition: Callable[[], Found], within_s: float = WITHIN_S, what: str = "") -> Found:
    """The same, for tests without an event loop."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        _must_be_before(deadline, within_s, what)
        time.sleep(_LOOKS_EVERY_S)
    return found


def latest(read: Callable[[], Found], wanted: Callable[[Found], object], within_s: float) -> Found:
    """What `read` returns once that is `wanted`, or what it returned last before the deadline."""
    deadline = time.monotonic() + within_s
    while not wanted(found := read()) and time.monotonic() < deadline:
        time.sleep(_LOOKS_EVERY_S)
    return found


async def turns(count: int = 1) -> None:
    """Let everything else on the event loop go on, this many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def _must_be_before(deadline: float, within_s: float, what: str) -> None:
    assert time.monotonic() < deadline, f"not within {within_s:g} s: {what or 'the condition'}"
