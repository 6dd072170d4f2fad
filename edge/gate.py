"""Decides which frames are worth a look: what we seek has come to stay, and traffic has not.

Two backgrounds at 160 x 90 do it. The fast one follows the picture within seconds, the slow one
within minutes: where the picture agrees with the fast and the fast differs from the slow, something
new has stayed.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Thumbnail = NDArray[np.uint8]
"""90 x 160, grey."""

_Plane = NDArray[np.float32]

WIDTH, HEIGHT = 160, 90


class Look(StrEnum):
    """Why a frame is looked at."""

    HEARTBEAT = "heartbeat"
    """It is time to look again, whatever happens."""
    STAYED = "stayed"
    """Something new has stayed."""
    WATCHED = "watched"
    """Something is in doubt, and further looks will settle it."""


@dataclass(frozen=True)
class GateLimits:
    """Grey levels are 0..255, shares are of the picture's area."""

    look_gap_s: float = 1.0
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


class Gate:
    """The gate of one camera. Times are seconds of one clock that never runs backwards."""

    def __init__(self, limits: GateLimits | None = None) -> None:
        self._limits = limits or GateLimits()
        self._fast: _Plane | None = None
        self._slow: _Plane | None = None
        self._stayed_s: _Plane = np.zeros((HEIGHT, WIDTH), np.float32)
        self._seen_s = -math.inf
        self._looked_s = -math.inf
        self._covered_since_s: float | None = None

    def see(self, thumbnail: Thumbnail, now_s: float, *, watched: bool = False) -> Look | None:
        """Take in a frame, and say why it should be looked at, or None."""
        if self._fast is None or self._slow is None:
            self._adopt(thumbnail, now_s)
            return self._due(thumbnail, now_s)
        changed = self._share_changed(thumbnail, self._slow)
        if changed >= self._limits.relit_share:
            self._adopt(thumbnail, now_s)
            return self._due(thumbnail, now_s)
        self._learn(thumbnail, now_s, self._fast, self._slow)
        too_soon = now_s - self._looked_s < self._limits.look_gap_s
        if self._covered(changed, now_s) or too_soon:
            return None
        if watched:
            return Look.WATCHED
        return Look.STAYED if self._spots().any() else self._due(thumbnail, now_s)

    def looked(self, now_s: float) -> None:
        """The last frame has been looked at: what has stayed in it is known from now on."""
        self._looked_s = now_s
        if self._fast is not None and self._slow is not None:
            known = cv2.dilate(self._spots(), np.ones((3, 3), np.uint8)).astype(bool)
            np.copyto(self._slow, self._fast, where=known)
            self._stayed_s[known] = 0

    def _due(self, thumbnail: Thumbnail, now_s: float) -> Look | None:
        limits = self._limits
        night = float(cv2.mean(thumbnail)[0]) < limits.night_below
        every_s = limits.heartbeat_night_s if night else limits.heartbeat_day_s
        return Look.HEARTBEAT if now_s - self._looked_s >= every_s else None

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

    def _share_changed(self, thumbnail: Thumbnail, background: _Plane) -> float:
        difference = cv2.absdiff(thumbnail.astype(np.float32), background)
        return float(np.count_nonzero(difference > self._limits.differs_by)) / difference.size

    def _covered(self, changed: float, now_s: float) -> bool:
        """Whether too much is hidden to look; what hides it for long is the new scene."""
        if changed < self._limits.covered_share:
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

    def _spots(self) -> NDArray[np.uint8]:
        """A mask of what has come and stayed, each thing whole, mere specks left out."""
        stayed = self._stayed_s >= self._limits.stays_s
        if np.count_nonzero(stayed) < self._limits.smallest_px:
            return np.zeros((HEIGHT, WIDTH), np.uint8)
        settling = (self._stayed_s > 0).astype(np.uint8)
        count, spots = cv2.connectedComponents(settling, connectivity=8)
        pixels_stayed = np.bincount(np.asarray(spots)[stayed], minlength=count)
        return np.asarray((pixels_stayed >= self._limits.smallest_px)[spots], np.uint8)
