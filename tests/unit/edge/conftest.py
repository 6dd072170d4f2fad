"""Trackers, observations and models for tests."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from edge.boxes import ImageBox
from edge.detector import ModelInfo, Observation
from edge.tracking.tracker import Tracker, TrackUpdate
from wire.messages import LoadedModel

START_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


@dataclass
class Watch:
    """A tracker, updated at chosen seconds; what was published is remembered."""

    tracker: Tracker = field(default_factory=Tracker)
    published: list[tuple[str, str, str, int]] = field(default_factory=list)

    def look(
        self,
        at_s: float,
        *observations: Observation,
        camera_id: str = "C-001",
        shown: Callable[[ImageBox], bool] = lambda _: True,
    ) -> TrackUpdate:
        update = self.tracker.update(
            camera_id, observations, START_AT + timedelta(seconds=at_s), shown
        )
        self.tracker.adopt(update)
        for transition in update.transitions:
            track = transition.track
            self.published.append(
                (transition.type.value, track.label, track.detection_id, track.seq)
            )
        return update

    def looks(self, at_s: Iterable[float], *observations: Observation) -> None:
        for one in at_s:
            self.look(one, *observations)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, *_ in self.published]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def observation() -> Callable[..., Observation]:
    def make(
        label: str,
        score: float = 0.8,
        box: tuple[float, float, float, float] = (0.4, 0.6, 0.1, 0.08),
    ) -> Observation:
        return Observation(label, score, 0.4, ImageBox(*box))

    return make


@pytest.fixture
def model() -> ModelInfo:
    loaded = LoadedModel(name="scripted", version="1", sha256="ab" * 32)
    return ModelInfo(loaded, {"manhole_broken": 0.4, "manhole_good": 0.4, "manhole_open": 0.4})
