"""One picture of one camera, as it arrived."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.gate import Thumbnail
from edge.picture import Picture
from wire.limits import CLOCK_AHEAD_S


class Still(Protocol):
    """A picture as its source delivered it, decoded only as far as needed.

    Each method raises BadPicture.
    """

    def thumbnail(self) -> Thumbnail: ...
    def picture(self) -> Picture: ...
    def mark(self) -> int:
        """The same for two pictures if all of their bits are the same."""

    def jpeg(self) -> bytes:
        """The camera's own bytes if it sends JPEG, else the picture encoded once."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """A picture with its times: `arrived_s` by the node's monotonic clock, `arrived_at` by its calendar.

    `observed_at` is by the camera's own clock, if it sends that.
    """

    camera_id: str
    still: Still
    arrived_s: float
    arrived_at: datetime
    observed_at: datetime | None = None

    @property
    def taken_at(self) -> datetime:
        """The camera's time if it is plausible, else the time of arrival."""
        if self.observed_at is None:
            return self.arrived_at
        skew_s = abs((self.observed_at - self.arrived_at).total_seconds())
        return self.observed_at if skew_s <= CLOCK_AHEAD_S else self.arrived_at
