"""Whether a frame shows anything: black, grey and frozen pictures don't. Pure.

A still scene at night is not frozen: a sensor's noise changes some bits of every picture. A clock that
the camera draws into a frozen picture hides that it is frozen.
"""

import numpy as np

from edge.gate import Thumbnail

_FLAT_RANGE = 6
"""Grey levels between the darkest and the lightest hundredth of a picture that shows nothing."""
_BLACK_BELOW = 40
BLACK, GREY, FROZEN = "black", "grey", "frozen"


def flatness(thumbnail: Thumbnail) -> str | None:
    """BLACK or GREY if the whole picture has one shade; None if it shows something."""
    sample = thumbnail[::3, ::3].reshape(-1)
    outer = sample.size // 100
    ranked = np.partition(sample, (outer, sample.size - 1 - outer))
    low, high = int(ranked[outer]), int(ranked[sample.size - 1 - outer])
    if high - low > _FLAT_RANGE:
        return None
    return BLACK if high < _BLACK_BELOW else GREY


class Usability:
    """Since when the frames of one camera have shown nothing. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._mark: int | None = None
        self._useless: tuple[float, str] | None = None

    def judge(self, thumbnail: Thumbnail, mark: int, at_s: float) -> None:
        """Take in a frame; `mark` is the same for two frames only if all of their bits are."""
        frozen = mark == self._mark
        self._mark = mark
        fault = FROZEN if frozen else flatness(thumbnail)
        if fault is None:
            self._useless = None
        else:
            self.useless(fault, at_s)

    def useless(self, fault: str, at_s: float) -> None:
        """A frame shows nothing, for this reason."""
        since_s = at_s if self._useless is None else self._useless[0]
        self._useless = (since_s, fault)

    def fault(self, now_s: float, after_s: float) -> str | None:
        """Why every frame has been useless for longer than `after_s`; None if one was not."""
        useless = self._useless
        if useless is None or now_s - useless[0] <= after_s:
            return None
        return useless[1]
