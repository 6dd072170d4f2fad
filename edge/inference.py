"""How the worker lets others in on its looks: for a model on trial, or one that has to prove itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edge.detector import LoadedDetector, ModelInfo, ObjectDetector, Observation
from edge.tracking.track import Track

Infer: TypeAlias = Callable[[ObjectDetector, ModelInfo], list[Observation]]
"""Looks at the present frame with any model, exactly as the worker does."""


@dataclass(frozen=True)
class Inference:
    """A look that is done: what the model in use has seen, and what is known there.

    `view_ms` is how long it took for each view of the picture that it was shown.
    """

    infer: Infer
    found: Sequence[Observation]
    view_ms: float
    views: int
    tracks: Iterable[Track]


class ModelEvaluation(Protocol):
    """Follows the worker's looks, in the worker's thread."""

    def observe(self, inference: Inference) -> None:
        """A look is done, and what it means is committed."""

    def rescue(self, error: Exception) -> LoadedDetector | None:
        """What to use in place of the model in use, which has failed; None where there is nothing."""
