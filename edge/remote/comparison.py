"""Whether a new model may replace the old one, by what both detect in the same frames. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from edge.boxes import ImageBox, inside, iou
from edge.detector import Observation
from edge.tracking.kinds import MEANINGS, ObjectKind
from edge.tracking.track import ObjectTrack, TrackState
from wire.messages import ShadowFigures

_SAME_PLACE = 0.3
_SAME_THING = 0.6


@dataclass(frozen=True)
class AcceptanceRules:
    """How long a shadow evaluation takes, and what a new model must reach.

    `slowest` is its time per view, in times of the old model's. `least_agreement` is the share of the
    confirmed faults in sight that it must detect too, `most_extra` how many faults per look it may
    detect alone.
    """

    looks: int = 200
    slowest: float = 1.5
    least_agreement: float = 0.6
    most_extra: float = 2.0


@dataclass(frozen=True)
class ModelComparison:
    """The sums over the looks of a shadow evaluation, each one inference by both models."""

    old_ms: tuple[float, ...] = ()
    new_ms: tuple[float, ...] = ()
    known: int = 0
    agreed: int = 0
    extra: int = 0
    failure: str | None = None

    @property
    def looks(self) -> int:
        return len(self.new_ms)


def compared(
    comparison: ModelComparison,
    old: Sequence[Observation],
    new: Sequence[Observation],
    tracks: Iterable[ObjectTrack],
    view_ms: tuple[float, float],
) -> ModelComparison:
    """The comparison after one more look; `view_ms` is the time per view (old, new)."""
    faults = _faults(new)
    tracks = tuple(tracks)
    seen_by_old = _faults(old)
    known = [
        _Place(track.kind, track.box) for track in tracks if track.state is TrackState.CONFIRMED
    ]
    in_sight = [place for place in known if place.among(seen_by_old)]
    familiar = [*seen_by_old, *(_Place(track.kind, track.box) for track in tracks)]
    return replace(
        comparison,
        old_ms=(*comparison.old_ms, view_ms[0]),
        new_ms=(*comparison.new_ms, view_ms[1]),
        known=comparison.known + len(in_sight),
        agreed=comparison.agreed + sum(place.among(faults) for place in in_sight),
        extra=comparison.extra + sum(not fault.among(familiar) for fault in faults),
    )


def settled(comparison: ModelComparison, rules: AcceptanceRules) -> bool:
    """Whether the evaluation is over: there were enough looks, or the new model has failed."""
    return comparison.failure is not None or comparison.looks >= rules.looks


def objection(comparison: ModelComparison, rules: AcceptanceRules) -> str | None:
    """Why the new model must not be used, in a sentence; None if it may."""
    if comparison.failure is not None:
        return f"it failed in look {comparison.looks + 1}: {comparison.failure}"
    figures = figures_of(comparison, rules)
    if figures.agreement is not None and figures.agreement < rules.least_agreement:
        return (
            f"it sees {comparison.agreed} of {comparison.known} confirmed faults that the model in use sees, "
            f"at least {rules.least_agreement:.0%} are wanted"
        )
    if figures.extra_per_look is not None and figures.extra_per_look > rules.most_extra:
        return (
            f"it sees {figures.extra_per_look:.1f} faults per look that the model in use does not, "
            f"at most {rules.most_extra:g} are allowed"
        )
    if figures.old_ms is None or figures.new_ms is None:
        return None
    return too_slow(figures.old_ms, figures.new_ms, rules)


def too_slow(old_ms: float, new_ms: float, rules: AcceptanceRules) -> str | None:
    """Why a model with this time per view must not be used; None if it may."""
    if new_ms <= old_ms * rules.slowest:
        return None
    return (
        f"it takes {new_ms:.1f} ms per view, the model before it {old_ms:.1f} ms; "
        f"at most {rules.slowest:g} times as long is allowed"
    )


def figures_of(comparison: ModelComparison, rules: AcceptanceRules) -> ShadowFigures:
    """The comparison as the hub gets it; times are medians."""
    looks = comparison.looks
    return ShadowFigures(
        looks=looks,
        of=rules.looks,
        failures=int(comparison.failure is not None),
        agreement=round(comparison.agreed / comparison.known, 3) if comparison.known else None,
        extra_per_look=round(comparison.extra / looks, 3) if looks else None,
        old_ms=round(median(comparison.old_ms), 2) if looks else None,
        new_ms=round(median(comparison.new_ms), 2) if looks else None,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    kind: ObjectKind
    box: ImageBox

    def among(self, others: Iterable["_Place"]) -> bool:
        """Whether one of the others is the same kind of object at the same place."""
        return any(
            self.kind is other.kind
            and (
                iou(self.box, other.box) >= _SAME_PLACE
                or inside(self.box, other.box) >= _SAME_THING
            )
            for other in others
        )


def _faults(observations: Iterable[Observation]) -> list[_Place]:
    """The faults among the observations: sound objects and unknown classes are none."""
    return [
        _Place(meaning.kind, observation.box)
        for observation in observations
        if (meaning := MEANINGS.get(observation.label)) is not None and not meaning.sound
    ]
