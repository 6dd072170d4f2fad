"""What the node asks of a detector. `models.Detector` is the one in use; tests script their own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from edge.boxes import Box
from edge.picture import Picture
from wire.messages import LoadedModel


class Found(Protocol):
    """One box of one class; x, y, w, h in pixels of the picture."""

    @property
    def label(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def w(self) -> float: ...
    @property
    def h(self) -> float: ...


class Detector(Protocol):
    """Finds things in one picture; those below the class's own threshold are left out."""

    def detect(self, image_bgr: Picture, /) -> Iterable[Found]: ...


@dataclass(frozen=True)
class Model:
    """What runs on this node: its name on the wire, and the score at which each class counts."""

    loaded: LoadedModel
    thresholds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A detection in fractions of the picture. `threshold` is the score at which its class counts."""

    label: str
    score: float
    threshold: float
    box: Box


def sightings(found: Iterable[Found], image: Picture, model: Model) -> Iterator[Sighting]:
    """What a detector found in a picture, independent of the picture's size."""
    height, width = image.shape[:2]
    for one in found:
        box = Box(one.x / width, one.y / height, one.w / width, one.h / height)
        yield Sighting(
            one.label, one.score, model.thresholds.get(one.label, 0.5), box.within_picture()
        )
