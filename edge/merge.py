"""Merges the observations of several views into one list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge.boxes import inside
from edge.detector import ModelInfo, ObjectDetector, Observation, observations
from edge.picture import Picture
from edge.tiling import TilingPlan, Viewport
from edge.tracking.kinds import MEANINGS

_SAME_OBJECT = 0.1
"""Share of the smaller box: two parts of one object share at least the strip where tiles overlap."""


@dataclass(frozen=True)
class ViewResult:
    """What the detector found in one view; boxes are in fractions of the whole picture."""

    view: Viewport
    observations: tuple[Observation, ...]


def infer_views(
    plan: TilingPlan,
    views: Sequence[Viewport],
    image: Picture,
    detector: ObjectDetector,
    model: ModelInfo,
) -> list[Observation]:
    """Run the detector on these views of a picture, and merge what it finds."""
    results = []
    for view in views:
        shown = view.of(image)
        found = observations(detector.detect(shown), shown, view.box, model)
        results.append(ViewResult(view, tuple(found)))
    return merged(plan, results)


def merged(plan: TilingPlan, results: Sequence[ViewResult]) -> list[Observation]:
    """The observations of one inference.

    Each object is judged by the view that shows its place and size best. If that view was not among
    these, another may raise a suspicion, but never dispel one. A box that a tile's border cuts is left
    out if another view shows the object better, otherwise it is marked.
    """
    looked_at = [seen.view for seen in results]
    reliable = [
        replace(one, whole=seen.view.holds(one.box))
        for seen in results
        for one in seen.observations
        if _is_reliable(plan, seen.view, one, looked_at)
    ]
    kept: list[Observation] = []
    for observation in sorted(reliable, key=lambda one: (one.whole, one.margin), reverse=True):
        if observation.whole or not any(_same_object(observation, other) for other in kept):
            kept.append(observation)
    return kept


def _is_reliable(
    plan: TilingPlan, view: Viewport, observation: Observation, looked_at: Iterable[Viewport]
) -> bool:
    box = observation.box
    if view in plan.best_views(box):
        return True
    if view is not plan.whole:
        return not view.holds(box) and not plan.is_large(box)
    meaning = MEANINGS.get(observation.label)
    return not (meaning is None or meaning.sound) and not plan.shown(box, looked_at)


def _same_object(one: Observation, other: Observation) -> bool:
    mine, its = MEANINGS.get(one.label), MEANINGS.get(other.label)
    same_kind = mine is not None and its is not None and mine.kind is its.kind
    return same_kind and inside(one.box, other.box) >= _SAME_OBJECT
