"""Cameras, looks and detectors that tests script."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from edge.boxes import Box
from edge.detector import Model, Sighting
from edge.slots.book import Book, Outcome
from wire.messages import LoadedModel

START_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


@dataclass
class Watch:
    """A book, and looks at it at chosen seconds; what was published is remembered."""

    book: Book = field(default_factory=Book)
    published: list[tuple[str, str, str, int]] = field(default_factory=list)

    def look(
        self,
        at_s: float,
        *sightings: Sighting,
        camera_id: str = "C-001",
        shown: Callable[[Box], bool] = lambda _: True,
    ) -> Outcome:
        outcome = self.book.look(camera_id, sightings, START_AT + timedelta(seconds=at_s), shown)
        self.book.adopt(outcome)
        for told in outcome.transitions:
            slot = told.slot
            self.published.append((told.type.value, slot.label, slot.detection_id, slot.seq))
        return outcome

    def looks(self, at_s: Iterable[float], *sightings: Sighting) -> None:
        for one in at_s:
            self.look(one, *sightings)

    @property
    def told(self) -> list[str]:
        return [kind for kind, *_ in self.published]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def sighting() -> Callable[..., Sighting]:
    def make(
        label: str,
        score: float = 0.8,
        box: tuple[float, float, float, float] = (0.4, 0.6, 0.1, 0.08),
    ) -> Sighting:
        return Sighting(label, score, 0.4, Box(*box))

    return make


@pytest.fixture
def model() -> Model:
    loaded = LoadedModel(name="scripted", version="1", sha256="ab" * 32)
    return Model(loaded, {"manhole_broken": 0.4, "manhole_good": 0.4, "manhole_open": 0.4})
