"""Keeps the process small: it has one worker on one core, and needs no pools for more."""

import ctypes
import os
import sys
from contextlib import suppress

_M_ARENA_MAX = -8
"""glibc's malloc.h."""


def limit_memory() -> None:
    """Keep libraries from setting up for many cores. Call before numpy or structlog is imported.

    glibc gives each thread a heap of its own; here these would only hold free memory.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _load_structlog_alone()
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (OSError, AttributeError) as error:
        import structlog

        structlog.get_logger().info("malloc_not_tuned", reason=str(error))
    import cv2

    cv2.setNumThreads(1)


def release_free_memory() -> None:
    """Return the heap's free memory to the system: loading a model leaves several megabytes."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _load_structlog_alone() -> None:
    """Import structlog without rich: 6 MB, wanted only for coloured tracebacks."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # importing it now fails
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
