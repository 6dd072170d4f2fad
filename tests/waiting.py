"""Waiting for a condition with a deadline: nothing else in a test waits for time to pass."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_S = 0.02


def latest(read: Callable[[], T], wanted: Callable[[T], object], within_s: float) -> T:
    """What `read` gives once that is `wanted`, or what it gave last before the deadline."""
    deadline = time.monotonic() + within_s
    while not wanted(value := read()) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return value


def eventually(condition: Callable[[], T], within_s: float = 30.0, what: str = "it") -> T:
    """What the condition gives once that is true; fails if it isn't in time."""
    value = latest(condition, bool, within_s)
    assert value, f"{what}: not in {within_s} s"
    return value


async def until(condition: Callable[[], Awaitable[T] | T], within_s: float = 30.0) -> T:
    """What the condition, which may be awaitable, gives once that is true; fails if it isn't in time."""
    deadline = time.monotonic() + within_s
    while not (value := await _of(condition())):
        assert time.monotonic() < deadline, f"not in {within_s} s"
        await asyncio.sleep(_LOOK_EVERY_S)
    return value


async def turns(count: int = 1) -> None:
    """Let everything else on the event loop go on, this many times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def _of(value: Awaitable[T] | T) -> T:
    return await value if inspect.isawaitable(value) else value
