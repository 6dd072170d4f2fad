"""One list of sightings from the several views of a look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge.boxes import inside
from edge.detector import Detector, Model, Sighting, sightings
from edge.picture import Picture
from edge.slots.kinds import MEANINGS
from edge.views import Plan, View

_SAME_THING = 0.1
"""Share of the smaller box: two parts of one thing share at least the strip where tiles overlap."""


@dataclass(frozen=True)
class Seen:
    """What the detector found in one view; boxes in fractions of the whole picture."""

    view: View
    sightings: tuple[Sighting, ...]


def seen_in(
    plan: Plan, views: Sequence[View], image: Picture, detector: Detector, model: Model
) -> list[Sighting]:
    """Show the detector these views of a picture; what it has seen in all of them."""
    look = []
    for view in views:
        shown = view.of(image)
        found = sightings(detector.detect(shown), shown, view.box, model)
        look.append(Seen(view, tuple(found)))
    return merged(plan, look)


def merged(plan: Plan, look: Sequence[Seen]) -> list[Sighting]:
    """What a look has shown.

    Each thing is judged by the view that tells best of its place and size. If that was not looked
    at, another may raise a suspicion but never dispel one. A box cut by a tile's border is left
    out where the thing was seen better, else it is marked.
    """
    looked_at = [seen.view for seen in look]
    told = [
        replace(one, whole=seen.view.holds(one.box))
        for seen in look
        for one in seen.sightings
        if _tells(plan, seen.view, one, looked_at)
    ]
    kept: list[Sighting] = []
    for sighting in sorted(told, key=lambda one: (one.whole, one.margin), reverse=True):
        if sighting.whole or not any(_same_thing(sighting, other) for other in kept):
            kept.append(sighting)
    return kept


def _tells(plan: Plan, view: View, sighting: Sighting, looked_at: Iterable[View]) -> bool:
    box = sighting.box
    if view in plan.telling(box):
        return True
    if view is not plan.whole:
        return not view.holds(box) and not plan.is_large(box)
    meaning = MEANINGS.get(sighting.label)
    return not (meaning is None or meaning.sound) and not plan.shown(box, looked_at)


def _same_thing(one: Sighting, other: Sighting) -> bool:
    mine, its = MEANINGS.get(one.label), MEANINGS.get(other.label)
    same_kind = mine is not None and its is not None and mine.kind is its.kind
    return same_kind and inside(one.box, other.box) >= _SAME_THING
