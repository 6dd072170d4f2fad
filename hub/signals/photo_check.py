"""The check of a report's photo: whether a model sees in it what was reported. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from hub.catalogue import CatalogueItem, Condition

_IN_ORDER = {"manhole_good": "manhole_", "bin_normal": "bin_"}
"""Classes that show a thing in order, with what the classes of its faults begin with."""


class ReportVerdict(StrEnum):
    AGREES = "agrees"
    """The photo shows what was reported."""
    DISAGREES = "disagrees"
    """It shows the thing in order, or with another fault than the one that was reported."""
    UNSURE = "unsure"
    """It shows neither clearly, or could not be checked."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The content of a report, in the classes of a model.

    `meant` show what was reported, and are empty if the models have no class for it. `others` show
    what else may be wrong with the same thing.
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
class SeenObject:
    """An object in a photo; (x, y, w, h) in fractions of the picture.

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
class PhotoCheck:
    """A verdict and its grounds: in `seen`, first the deciding object, then other sure objects elsewhere.

    `model` is {name, version, sha256}; None, with a `note`, if no model could check the photo.
    """

    verdict: ReportVerdict
    seen: tuple[SeenObject, ...] = ()
    model: dict[str, JsonValue] | None = None
    note: str | None = None


def claim_of(item: CatalogueItem | None, condition: Condition | None) -> Claim:
    """The claim of a report of this item; without a condition, that something is wrong with it."""
    if item is None:
        return Claim()
    known = _labels(item.conditions)
    meant = known if condition is None else _labels((condition,))
    return Claim(meant, known - meant)


def compare(
    claim: Claim, objects: Sequence[SeenObject]
) -> tuple[ReportVerdict, tuple[SeenObject, ...]]:
    """Compare the report with the objects in its photo; returns the verdict and `PhotoCheck.seen`.

    One sure object that was reported is enough. A fault that no model can see, such as a rattle,
    is never refuted by a thing that looks in order.
    """
    ranked = sorted(objects, key=lambda each: -each.score)
    sure = [each for each in ranked if each.is_sure]
    if shown := [each for each in sure if each.label in claim.meant]:
        return ReportVerdict.AGREES, _first(shown[0], sure)
    refuting = claim.others | claim.in_order if claim.meant else frozenset()
    if shown := [each for each in sure if each.label in refuting]:
        return ReportVerdict.DISAGREES, _first(shown[0], sure)
    of_the_thing = claim.meant | claim.others | claim.in_order
    likely = [each for each in ranked if each.label in of_the_thing] or sure
    return ReportVerdict.UNSURE, _first(likely[0], sure) if likely else ()


def _labels(conditions: Sequence[Condition]) -> frozenset[str]:
    return frozenset(each.label for condition in conditions for each in condition.detectors)


def _first(decided: SeenObject, sure: Sequence[SeenObject]) -> tuple[SeenObject, ...]:
    """The deciding object, and the sure objects beside it; overlapping objects count as one."""
    return (decided, *(each for each in sure if not decided.holds(each.centre)))
