"""What a model sees on a report's photo, and whether that is what was reported. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from hub.catalogue import CatalogueItem, Condition

_IN_ORDER = {"manhole_good": "manhole_", "bin_normal": "bin_"}
"""Classes that show a thing in order, with what the classes of its faults begin with."""


class Verdict(StrEnum):
    AGREES = "agrees"
    """The photo shows what was reported."""
    DISAGREES = "disagrees"
    """It shows the thing in order, or with another fault than the one that was reported."""
    UNSURE = "unsure"
    """It shows neither for sure, or could not be looked at."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report says, in the classes of a model.

    `meant` show what was reported; none where the models have no class for it. `others` show what
    else may be wrong with the same thing.
    """

    meant: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @property
    def in_order(self) -> frozenset[str]:
        """The classes that show the thing without any fault."""
        faults = self.meant | self.others
        return frozenset(
            label
            for label, family in _IN_ORDER.items()
            if any(fault.startswith(family) for fault in faults)
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing in a photo; (x, y, w, h) in fractions of the picture.

    `is_sure`: its score reaches the threshold that the model has for its class.
    """

    label: str
    score: float
    is_sure: bool
    box: tuple[float, float, float, float]

    @property
    def centre(self) -> tuple[float, float]:
        x, y, w, h = self.box
        return x + w / 2, y + h / 2

    def holds(self, point: tuple[float, float]) -> bool:
        x, y, w, h = self.box
        return x <= point[0] <= x + w and y <= point[1] <= y + h

    def as_json(self) -> dict[str, JsonValue]:
        sides = {side: round(part, 5) for side, part in zip("xywh", self.box, strict=True)}
        return {"label": self.label, "score": round(self.score, 4), **sides}


@dataclass(frozen=True, slots=True)
class Look:
    """A verdict and what it rests on: in `seen` first what decided, then what else is sure elsewhere.

    `model` is {name, version, sha256}; None, with a `note`, where nothing could look.
    """

    verdict: Verdict
    seen: tuple[Sighting, ...] = ()
    model: dict[str, JsonValue] | None = None
    note: str | None = None


def claim_of(item: CatalogueItem | None, condition: Condition | None) -> Claim:
    """What a report of this item claims; without a condition, that anything is wrong with it."""
    if item is None:
        return Claim()
    known = _labels(item.conditions)
    meant = known if condition is None else _labels((condition,))
    return Claim(meant, known - meant)


def judge(claim: Claim, sightings: Sequence[Sighting]) -> tuple[Verdict, tuple[Sighting, ...]]:
    """Compare what was reported with what is seen; gives the verdict and `Look.seen`.

    One sure sighting of what was reported is enough. What no model can see, such as a rattle, is
    never refuted by a thing that looks well.
    """
    ranked = sorted(sightings, key=lambda each: -each.score)
    sure = [each for each in ranked if each.is_sure]
    if shown := [each for each in sure if each.label in claim.meant]:
        return Verdict.AGREES, _first(shown[0], sure)
    refuting = claim.others | claim.in_order if claim.meant else frozenset()
    if shown := [each for each in sure if each.label in refuting]:
        return Verdict.DISAGREES, _first(shown[0], sure)
    of_the_thing = claim.meant | claim.others | claim.in_order
    likely = [each for each in ranked if each.label in of_the_thing] or sure
    return Verdict.UNSURE, _first(likely[0], sure) if likely else ()


def _labels(conditions: Sequence[Condition]) -> frozenset[str]:
    return frozenset(each.label for condition in conditions for each in condition.detectors)


def _first(decided: Sighting, sure: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """What decided, and the sure things beside it; at one place a thing is only one."""
    return (decided, *(each for each in sure if not decided.holds(each.centre)))
