"""What the node asks of a detector. `models.Detector` is the one in use; tests script their own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeAlias

from edge.boxes import ImageBox
from edge.picture import Picture
from wire.messages import LoadedModel


class DetectedBox(Protocol):
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


class ObjectDetector(Protocol):
    """Finds things in one picture; those below the class's own threshold are left out."""

    def detect(self, image_bgr: Picture, /) -> Iterable[DetectedBox]: ...


@dataclass(frozen=True)
class ModelInfo:
    """What runs on this node: its name on the wire, and the score at which each class counts.

    `side` is that of the square, in pixels, into which every picture is fitted.
    """

    loaded: LoadedModel
    thresholds: dict[str, float]
    side: int = 416


@dataclass(frozen=True)
class LoadedDetector:
    """A detector that is loaded.

    `retune` gives its classes other thresholds; `own` are those that it was made with.
    """

    detector: ObjectDetector
    model: ModelInfo
    retune: Callable[[Mapping[str, float]], None]
    own: Mapping[str, float]

    def tuned(self, thresholds: Mapping[str, float]) -> "LoadedDetector":
        """The same with these thresholds, as far as it knows the classes, and its own for the rest."""
        known = {label: thresholds.get(label, at) for label, at in self.own.items()}
        self.retune(known)
        return replace(self, model=replace(self.model, thresholds=known))


Loader: TypeAlias = Callable[[Path], LoadedDetector]
"""Loads the model of a folder; raises ModelRejected."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A detection in fractions of the picture. `threshold` is the score at which its class counts.

    Where `whole` is false, the box may be cut by the border of what the detector was shown.
    """

    label: str
    score: float
    threshold: float
    box: ImageBox
    whole: bool = True

    @property
    def margin(self) -> float:
        """How far the score is above the threshold."""
        return self.score - self.threshold


def observations(
    found: Iterable[DetectedBox], shown: Picture, place: ImageBox, model: ModelInfo
) -> Iterator[Observation]:
    """What a detector found in a part of the picture; `place` is where that part lies."""
    height, width = shown.shape[:2]
    for one in found:
        box = ImageBox(
            place.x + one.x / width * place.w,
            place.y + one.y / height * place.h,
            one.w / width * place.w,
            one.h / height * place.h,
        )
        yield Observation(
            one.label, one.score, model.thresholds.get(one.label, 0.5), box.within_picture()
        )
