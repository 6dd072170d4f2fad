"""Photos are decoded as they come in: only a whole picture is evidence. Pure."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.evidence.photos import perceptual_hash
from models import NotAPicture, PictureFault, decode_jpeg
from models.pictures import read_header

_HASHED_WIDTH = 144
"""As narrow as a picture may be decoded to compute its perceptual hash."""
BUDGET_S = 20.0
"""The decoding time of one sender within BUDGET_WINDOW_S: some thousand photos of a usual camera."""
BUDGET_WINDOW_S = 300.0


@dataclass(frozen=True, slots=True)
class ExaminedPhoto:
    """The facts of a whole picture; width and height as its header states them."""

    width: int
    height: int
    perceptual_hash: int


def examine(data: bytes) -> ExaminedPhoto:
    """Decode a JPEG completely, but no larger than its hash needs. Raises NotAPicture; blocking."""
    header = read_header(data)
    small = decode_jpeg(data, least_width=_HASHED_WIDTH)
    return ExaminedPhoto(header.width, header.height, perceptual_hash(small))


@dataclass
class DecodingBudget:
    """How long the pictures of each sender took to decode lately.

    `clock` gives seconds that never run backwards.
    """

    clock: Callable[[], float] = time.monotonic
    _from_s: float = 0.0
    _used_s: dict[str, float] = field(default_factory=dict)

    def examine(self, sender: str, data: bytes) -> ExaminedPhoto:
        """Examine a sender's picture. Raises NotAPicture, also if its sender took too long lately."""
        start_s = self.clock()
        if start_s - self._from_s >= BUDGET_WINDOW_S:
            self._from_s, self._used_s = start_s, {}
        if self._used_s.get(sender, 0.0) > BUDGET_S:
            raise NotAPicture(
                PictureFault.TOO_COSTLY,
                f"comes after others of this sender that took more than {BUDGET_S:.0f} s to decode; "
                f"send simpler JPEGs, again in {BUDGET_WINDOW_S / 60:.0f} minutes",
            )
        try:
            return examine(data)
        finally:
            spent_s = self.clock() - start_s
            self._used_s[sender] = self._used_s.get(sender, 0.0) + spent_s
