"""How the worker lets others in on its looks: for a model on trial, or one that has to prove itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from edge.detector import Detector, Model, Ready, Sighting
from edge.slots.slot import Slot

See: TypeAlias = Callable[[Detector, Model], list[Sighting]]
"""Looks at the present frame with any model, exactly as the worker does."""


@dataclass(frozen=True)
class Look:
    """A look that is done: what the model in use has seen, and what is known there.

    `view_ms` is how long it took for each view of the picture that it was shown.
    """

    see: See
    found: Sequence[Sighting]
    view_ms: float
    views: int
    slots: Iterable[Slot]


class Trial(Protocol):
    """Follows the worker's looks, in the worker's thread."""

    def looked(self, look: Look) -> None:
        """A look is done, and what it means is committed."""

    def rescue(self, error: Exception) -> Ready | None:
        """What to use in place of the model in use, which has failed; None where there is nothing."""
