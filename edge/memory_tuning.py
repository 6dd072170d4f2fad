"""How the process keeps its memory small: one worker, one core, no pools for more."""

import ctypes
import os
import sys
from contextlib import suppress

_M_ARENA_MAX = -8
"""glibc's malloc.h."""


def limit_memory() -> None:
    """Keep libraries from setting up for many cores. Call before numpy or structlog is first imported.

    glibc gives each thread a heap of its own, which here only holds memory that is free.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _load_structlog_alone()
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (OSError, AttributeError) as error:
        import structlog

        structlog.get_logger().info("heap_left_as_it_is", reason=str(error))
    import cv2

    cv2.setNumThreads(1)


def release_free_memory() -> None:
    """Return to the system what is free in the heap: reading a model leaves several megabytes."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _load_structlog_alone() -> None:
    """Without rich, which takes 6 MB and which structlog only wants for coloured tracebacks."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # so an import says that it isn't there
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
