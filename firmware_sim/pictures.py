"""Rendering in threads beside the event loop, with at most a share of a core for the cameras."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2

from scenes import CoverState, PatrolWalk, StreetScene, encode_jpeg, patrol_photo
from scenes.frame import Picture
from wire.limits import MAX_JPEG_BYTES

T = TypeVar("T")

_CAMERA_SHARE = 0.3
"""Of one core, for all camera frames together; with more cameras each one gets fewer frames."""
_QUALITIES = (88, 80, 70, 55, 40)


class Pictures:
    """Cameras take turns in one thread and rest between frames; photos and video have their own."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._frames = ThreadPoolExecutor(1, "frames")
        self._photos = ThreadPoolExecutor(1, "photos")
        self._videos = ThreadPoolExecutor(1, "videos")
        self._turn = asyncio.Lock()

    def close(self) -> None:
        for pool in (self._frames, self._photos, self._videos):
            pool.shutdown(cancel_futures=True)

    async def street(self, seed: int) -> StreetScene:
        """Takes about a second, once for each camera."""
        async with self._turn:
            return await _inside(self._frames, lambda: StreetScene(seed))

    async def street_frame(self, scene: StreetScene, at_s: float, cover: CoverState) -> bytes:
        """One JPEG of at most 512 KiB."""
        return await self._rested(lambda: small_jpeg(scene.frame(at_s, cover).image))

    async def photo(self, seed: int, cover: CoverState) -> bytes:
        """A patroller's photo, as JPEG of at most 512 KiB."""
        return await _inside(
            self._photos, lambda: small_jpeg(patrol_photo(seed, cover, 1280, 960).image)
        )

    async def walk(self, seed: int) -> PatrolWalk:
        return await _inside(self._videos, lambda: PatrolWalk(seed, 640, 480))

    async def walk_frame(self, walk: PatrolWalk, at_s: float) -> Picture:
        """640 x 480, BGR."""
        return await _inside(self._videos, lambda: walk.frame(at_s).image)

    async def _rested(self, work: Callable[[], T]) -> T:
        async with self._turn:
            result, busy_s = await _inside(self._frames, lambda: _timed(work))
            await asyncio.sleep(busy_s * (1 / _CAMERA_SHARE - 1))
            return result


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result, and the seconds of processor time that it took this thread."""
    began_s = time.thread_time()
    return work(), time.thread_time() - began_s


async def _inside(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, work)


def small_jpeg(image: Picture) -> bytes:
    """The JPEG of best quality that the wire contract allows."""
    data = b""
    for quality in _QUALITIES:
        data = encode_jpeg(image, quality)
        if len(data) <= MAX_JPEG_BYTES:
            return data
    raise ValueError(f"a picture of {len(data)} bytes at quality {_QUALITIES[-1]} is too large")
