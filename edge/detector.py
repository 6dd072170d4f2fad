"""What the node needs of a detector. `models.OnnxDetector` is the real one; tests bring their own."""

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
    """Finds objects in one picture, leaving out those below their class's threshold."""

    def detect(self, image_bgr: Picture, /) -> Iterable[DetectedBox]: ...


@dataclass(frozen=True)
class ModelInfo:
    """The model that runs: its name on the wire, and the score from which each class counts.

    `side` is the side in pixels of the square into which every picture is fitted.
    """

    loaded: LoadedModel
    thresholds: dict[str, float]
    side: int = 416


@dataclass(frozen=True)
class LoadedDetector:
    """A detector that is ready to run.

    `retune` changes its thresholds by class; `own` are those that it was made with.
    """

    detector: ObjectDetector
    model: ModelInfo
    retune: Callable[[Mapping[str, float]], None]
    own: Mapping[str, float]

    def tuned(self, thresholds: Mapping[str, float]) -> "LoadedDetector":
        """The same detector with these thresholds for the classes that it has, and its own for the rest."""
        known = {label: thresholds.get(label, at) for label, at in self.own.items()}
        self.retune(known)
        return replace(self, model=replace(self.model, thresholds=known))


Loader: TypeAlias = Callable[[Path], LoadedDetector]
"""Loads the model of a folder; raises ModelRejected."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One detected object, in fractions of the picture. `threshold` is that of its class.

    If `whole` is false, the border of a tile may have cut the box.
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
    """What a detector found in a part of the picture; `place` is that part in the whole picture."""
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
