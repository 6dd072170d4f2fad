"""How the process keeps its memory small: one worker, one core, no pools for more."""

import ctypes
import os

import structlog

_log = structlog.get_logger()

_M_ARENA_MAX = -8
"""glibc's malloc.h."""


def stay_lean() -> None:
    """Keep libraries from setting up for many cores. Call before numpy is first imported.

    glibc gives each thread a heap of its own, which here only holds memory that is free.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (OSError, AttributeError) as error:
        _log.info("heap_left_as_it_is", reason=str(error))
    import cv2

    cv2.setNumThreads(1)
