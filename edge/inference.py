"""What the worker shows an evaluation: every inference, for a new model to be compared or proved."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edge.detector import LoadedDetector, ModelInfo, ObjectDetector, Observation
from edge.tracking.track import ObjectTrack

Infer: TypeAlias = Callable[[ObjectDetector, ModelInfo], list[Observation]]
"""Runs any model on the present frame, exactly as the worker does."""


@dataclass(frozen=True)
class Inference:
    """One finished inference, a look: what the model in use detected, and the camera's tracks.

    `infer` repeats it with another model. `view_ms` is the mean time for each of the `views`.
    """

    infer: Infer
    found: Sequence[Observation]
    view_ms: float
    views: int
    tracks: Iterable[ObjectTrack]


class ModelEvaluation(Protocol):
    """Observes the worker's inferences, in the worker's thread."""

    def observe(self, inference: Inference) -> None:
        """An inference is finished, and its result is committed."""

    def rescue(self, error: Exception) -> LoadedDetector | None:
        """The model to use instead of the one in use, which has failed; None if there is no other."""
