"""Decides which frames the detector gets: faults stay where they are, traffic passes.

Two backgrounds of 160 x 90 are kept. The fast one follows the picture within seconds, the slow one
within minutes: if the picture agrees with the fast one, and that differs from the slow one, something
new has stayed.
"""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.boxes import ImageBox
from edge.road import Outline, drawn

Thumbnail = NDArray[np.uint8]
"""90 x 160, grey."""

_Plane = NDArray[np.float32]

WIDTH, HEIGHT = 160, 90

LOOK_GAP_S = 0.95
"""The least time between two inferences that count: somewhat below a frame each second."""


class Trigger(StrEnum):
    """Why the detector gets a frame."""

    HEARTBEAT = "heartbeat"
    """It is time, whatever the picture shows."""
    STAYED = "stayed"
    """Something new has stayed."""
    IN_DOUBT = "in_doubt"
    """Something is in doubt, and further inferences will settle it."""


@dataclass(frozen=True)
class GateLimits:
    """Grey levels are 0..255; `covered_share` is of the road, `relit_share` of the whole picture."""

    look_gap_s: float = LOOK_GAP_S
    heartbeat_day_s: float = 10.0
    heartbeat_night_s: float = 30.0
    night_below: float = 45.0
    fast_s: float = 1.0
    slow_s: float = 120.0
    differs_by: float = 16.0
    settled_within: float = 8.0
    stays_s: float = 2.0
    smallest_px: int = 5
    covered_share: float = 0.4
    relit_share: float = 0.8
    covered_at_most_s: float = 30.0


def phase_of(camera_id: str) -> float:
    """A phase that looks random, but is the same at each start."""
    return 0.1 + 0.9 * (zlib.crc32(camera_id.encode()) % 1000) / 1000


class Gate:
    """The gate of one camera. Times are seconds of one clock that never runs backwards."""

    def __init__(
        self, limits: GateLimits | None = None, road: Outline | None = None, phase: float = 1.0
    ) -> None:
        """`road` is where traffic may hide the faults; without it, the whole picture.

        `phase`, above 0 and up to 1, shortens the wait for the second heartbeat. Each camera has its
        own, so that cameras that start together do not have their heartbeats together.
        """
        self._limits = limits or GateLimits()
        self._road = np.ones((HEIGHT, WIDTH), np.bool_) if road is None else drawn(road)
        self._road_px = max(1, int(np.count_nonzero(self._road)))
        self._stretch = 1.0
        self._phase, self._next_phase = 1.0, phase
        self._fast: _Plane | None = None
        self._slow: _Plane | None = None
        self._stayed_s: _Plane = np.zeros((HEIGHT, WIDTH), np.float32)
        self._mask: NDArray[np.uint8] | None = None
        self._mask_of_s = -math.inf
        self._seen_s = -math.inf
        self._inspected_s = -math.inf
        self._covered_since_s: float | None = None

    def update(
        self,
        thumbnail: Thumbnail,
        now_s: float,
        *,
        watch_every_s: float | None = None,
        stretch: float = 1.0,
    ) -> Trigger | None:
        """Take in a frame, and say why the detector should get it, or None.

        `watch_every_s` is how soon something in doubt needs another inference. Under load, heartbeats
        are `stretch` times as far apart.
        """
        self._stretch = stretch
        if self._fast is None or self._slow is None:
            self._adopt(thumbnail, now_s)
            return self._due(thumbnail, now_s)
        differs = self._differing(thumbnail, self._slow)
        if np.count_nonzero(differs) >= self._limits.relit_share * differs.size:
            self._adopt(thumbnail, now_s)
            return self._due(thumbnail, now_s)
        self._learn(thumbnail, now_s, self._fast, self._slow)
        waited_s = now_s - self._inspected_s
        covered = int(np.count_nonzero(differs & self._road)) / self._road_px
        if self._covered(covered, now_s) or waited_s < self._limits.look_gap_s:
            return None
        if watch_every_s is not None and waited_s >= watch_every_s:
            return Trigger.IN_DOUBT
        return self._due(thumbnail, now_s) if self._spots() is None else Trigger.STAYED

    def new_boxes(self) -> Iterator[ImageBox]:
        """Where something new has stayed, in fractions of the picture, largest first."""
        mask = self._spots()
        if mask is None:
            return
        count, _, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        spots = sorted(figures[1:count], key=lambda spot: -int(spot[cv2.CC_STAT_AREA]))
        for spot in spots:
            left, top, wide, tall = (int(length) for length in spot[: cv2.CC_STAT_AREA])
            yield ImageBox(left / WIDTH, top / HEIGHT, wide / WIDTH, tall / HEIGHT)

    def inspected(self, now_s: float) -> None:
        """The detector got the last frame: what has stayed in it is known from now on."""
        self._inspected_s = now_s
        self._phase, self._next_phase = self._next_phase, 1.0
        mask = self._spots()
        if mask is not None and self._fast is not None and self._slow is not None:
            known = cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(bool)
            np.copyto(self._slow, self._fast, where=known)
            self._stayed_s[known] = 0
            self._mask = None

    def _due(self, thumbnail: Thumbnail, now_s: float) -> Trigger | None:
        limits = self._limits
        night = float(cv2.mean(thumbnail)[0]) < limits.night_below
        every_s = limits.heartbeat_night_s if night else limits.heartbeat_day_s
        waited_s = now_s - self._inspected_s
        return Trigger.HEARTBEAT if waited_s >= every_s * self._stretch * self._phase else None

    def _adopt(self, thumbnail: Thumbnail, now_s: float) -> None:
        self._fast = thumbnail.astype(np.float32)
        self._slow = self._fast.copy()
        self._stayed_s[:] = 0
        self._seen_s = now_s
        self._covered_since_s = None

    def _learn(self, thumbnail: Thumbnail, now_s: float, fast: _Plane, slow: _Plane) -> None:
        passed_s = max(0.0, now_s - self._seen_s)
        self._seen_s = now_s
        cv2.accumulateWeighted(thumbnail, fast, 1 - math.exp(-passed_s / self._limits.fast_s))
        cv2.accumulateWeighted(thumbnail, slow, 1 - math.exp(-passed_s / self._limits.slow_s))
        new = cv2.absdiff(fast, slow) > self._limits.differs_by
        at_rest = cv2.absdiff(thumbnail.astype(np.float32), fast) < self._limits.settled_within
        gained = np.where(new & at_rest, np.float32(passed_s), np.float32(-2 * passed_s))
        np.clip(self._stayed_s + gained, 0, 2 * self._limits.stays_s, out=self._stayed_s)

    def _differing(self, thumbnail: Thumbnail, background: _Plane) -> NDArray[np.bool_]:
        difference = cv2.absdiff(thumbnail.astype(np.float32), background)
        return np.asarray(difference > self._limits.differs_by)

    def _covered(self, share: float, now_s: float) -> bool:
        """Whether too much of the road is hidden; what hides it for long is the new scene."""
        if share < self._limits.covered_share:
            self._covered_since_s = None
            return False
        if self._covered_since_s is None:
            self._covered_since_s = now_s
        if now_s - self._covered_since_s < self._limits.covered_at_most_s:
            return True
        if self._fast is not None:
            self._slow = self._fast.copy()
        self._stayed_s[:] = 0
        self._covered_since_s = None
        return False

    def _spots(self) -> NDArray[np.uint8] | None:
        """A mask of what has come and stayed, without mere specks; None if nothing has."""
        if self._mask_of_s != self._seen_s:
            self._mask, self._mask_of_s = self._drawn_spots(), self._seen_s
        return self._mask

    def _drawn_spots(self) -> NDArray[np.uint8] | None:
        stayed = self._stayed_s >= self._limits.stays_s
        if np.count_nonzero(stayed) < self._limits.smallest_px:
            return None
        settling = (self._stayed_s > 0).astype(np.uint8)
        count, spots = cv2.connectedComponents(settling, connectivity=8)
        pixels_stayed = np.bincount(np.asarray(spots)[stayed], minlength=count)
        large = pixels_stayed >= self._limits.smallest_px
        return np.asarray(large[spots], np.uint8) if large.any() else None
