"""Whether a new model may take the old one's place: what both see in the same looks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from edge.boxes import Box, inside, iou
from edge.detector import Sighting
from edge.slots.kinds import MEANINGS, Kind
from edge.slots.slot import Slot, SlotState
from wire.messages import ShadowFigures

_SAME_PLACE = 0.3
_SAME_THING = 0.6


@dataclass(frozen=True)
class Rules:
    """When a trial ends, and what a new model may not do.

    `slowest` is the time per view over the old model's. `least_agreement` is the share of confirmed
    faults in sight that it must see too; `most_extra` how many faults per look it may see alone.
    """

    looks: int = 200
    slowest: float = 1.5
    least_agreement: float = 0.6
    most_extra: float = 2.0


@dataclass(frozen=True)
class Tally:
    """What the looks of a trial came to."""

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
    tally: Tally,
    old: Sequence[Sighting],
    new: Sequence[Sighting],
    slots: Iterable[Slot],
    view_ms: tuple[float, float],
) -> Tally:
    """The tally after one more look, in which the models took so long for a view (old, new)."""
    faults = _faults(new)
    slots = tuple(slots)
    seen_by_old = _faults(old)
    known = [_Place(slot.kind, slot.box) for slot in slots if slot.state is SlotState.CONFIRMED]
    in_sight = [place for place in known if place.among(seen_by_old)]
    familiar = [*seen_by_old, *(_Place(slot.kind, slot.box) for slot in slots)]
    return replace(
        tally,
        old_ms=(*tally.old_ms, view_ms[0]),
        new_ms=(*tally.new_ms, view_ms[1]),
        known=tally.known + len(in_sight),
        agreed=tally.agreed + sum(place.among(faults) for place in in_sight),
        extra=tally.extra + sum(not fault.among(familiar) for fault in faults),
    )


def settled(tally: Tally, rules: Rules) -> bool:
    """Whether the trial is over: enough was seen, or the new model has failed."""
    return tally.failure is not None or tally.looks >= rules.looks


def objection(tally: Tally, rules: Rules) -> str | None:
    """Why the new model may not be used, in a sentence; None where nothing speaks against it."""
    if tally.failure is not None:
        return f"it failed in look {tally.looks + 1}: {tally.failure}"
    figures = figures_of(tally, rules)
    if figures.agreement is not None and figures.agreement < rules.least_agreement:
        return (
            f"it sees {tally.agreed} of {tally.known} confirmed faults that the model in use sees, "
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


def too_slow(old_ms: float, new_ms: float, rules: Rules) -> str | None:
    """What speaks against a model that takes so long for a view."""
    if new_ms <= old_ms * rules.slowest:
        return None
    return (
        f"it takes {new_ms:.1f} ms per view, the model before it {old_ms:.1f} ms; "
        f"at most {rules.slowest:g} times as long is allowed"
    )


def figures_of(tally: Tally, rules: Rules) -> ShadowFigures:
    """The tally as the hub gets it; times are medians."""
    looks = tally.looks
    return ShadowFigures(
        looks=looks,
        of=rules.looks,
        failures=int(tally.failure is not None),
        agreement=round(tally.agreed / tally.known, 3) if tally.known else None,
        extra_per_look=round(tally.extra / looks, 3) if looks else None,
        old_ms=round(median(tally.old_ms), 2) if looks else None,
        new_ms=round(median(tally.new_ms), 2) if looks else None,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    kind: Kind
    box: Box

    def among(self, others: Iterable["_Place"]) -> bool:
        """Whether one of the others is the same thing at the same place."""
        return any(
            self.kind is other.kind
            and (
                iou(self.box, other.box) >= _SAME_PLACE
                or inside(self.box, other.box) >= _SAME_THING
            )
            for other in others
        )


def _faults(sightings: Iterable[Sighting]) -> list[_Place]:
    """The faults among what was seen: sound things and unknown classes are none."""
    return [
        _Place(meaning.kind, sighting.box)
        for sighting in sightings
        if (meaning := MEANINGS.get(sighting.label)) is not None and not meaning.sound
    ]
