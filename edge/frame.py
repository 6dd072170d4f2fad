"""One picture of one camera, as it came in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.gate import Thumbnail
from edge.picture import Picture
from wire.limits import CLOCK_AHEAD_S


class Still(Protocol):
    """A picture as its source brought it, decoded no further than is asked for.

    Each way of looking at it raises BadPicture.
    """

    def thumbnail(self) -> Thumbnail: ...
    def picture(self) -> Picture: ...
    def jpeg(self) -> bytes:
        """The camera's own bytes where it sends JPEG, else the picture encoded once."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """`arrived_s` is the node's monotonic clock, `arrived_at` its calendar clock.

    `observed_at` is the camera's own clock, where it has told it.
    """

    camera_id: str
    still: Still
    arrived_s: float
    arrived_at: datetime
    observed_at: datetime | None = None

    @property
    def taken_at(self) -> datetime:
        """The camera's time where it is believable, else the time of arrival."""
        if self.observed_at is None:
            return self.arrived_at
        skew_s = abs((self.observed_at - self.arrived_at).total_seconds())
        return self.observed_at if skew_s <= CLOCK_AHEAD_S else self.arrived_at
