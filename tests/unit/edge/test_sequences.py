"""What the node makes of rendered streets over minutes, hours and a day."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from edge.detector import ModelInfo
from edge.model_loader import model_info
from models import OnnxDetector, released
from scenes import CoverState, Moment, StreetScene, encode_jpeg
from tests.paint import BROKEN, GOOD, PaintDetector, painted
from tests.unit.edge.rig import Rig

FPS = 2
AS_USUAL = Moment()
DISTURBANCES = {
    "a change of light": Moment(light=0.55),
    "a parked car": Moment(stopped_car=True),
    "rain": Moment(rain=1.0),
}
PAINTS = {CoverState.GOOD: GOOD, CoverState.BROKEN: BROKEN}


@cache
def scene(seed: int) -> StreetScene:
    return StreetScene(seed, 1280, 720)


def rendered(
    seed: int, cover: CoverState, moment: Moment = AS_USUAL, *, paint: bool = True
) -> Callable[[float], bytes]:
    """The street from instant to instant, its cover painted over or as it is."""

    def jpeg(at_s: float) -> bytes:
        frame = scene(seed).frame(at_s, cover, moment)
        return encode_jpeg(painted(frame, PAINTS[cover]) if paint else frame.image)

    return jpeg


@pytest.fixture
def painting(tmp_path: Path, model: ModelInfo) -> Iterator[Rig]:
    """A node that sees paint, now and then nothing for two looks."""
    detector = PaintDetector((GOOD, BROKEN), scores=(*[0.8] * 20, *[0.0] * 6))
    rig = Rig(tmp_path / "edge.db", model, detector)
    yield rig
    rig.connection.close()


@pytest.fixture(scope="module")
def street_model() -> OnnxDetector:
    return OnnxDetector.load(released())


@pytest.fixture
def seeing(tmp_path: Path, street_model: OnnxDetector) -> Iterator[Rig]:
    """A node with the released model."""
    rig = Rig(tmp_path / "edge.db", model_info(street_model), street_model)
    yield rig
    rig.connection.close()


def published(rig: Rig) -> list[str]:
    return [one.type.value for one in rig.detections()]


@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("seed", [2, 12])
def test_raises_no_alarm_about_a_cover(seeing: Rig, disturbance: str, seed: int) -> None:
    moment = DISTURBANCES[disturbance]
    for shown, for_s in ((AS_USUAL, 12), (moment, 20), (AS_USUAL, 12)):
        seeing.play(rendered(seed, CoverState.GOOD, shown, paint=False), for_s, FPS)
    assert [one.label for one in seeing.detections() if one.label.startswith("manhole_")] == []


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_raises_no_alarm_at_all_where_the_detector_errs_in_nothing(
    painting: Rig, disturbance: str
) -> None:
    moment = DISTURBANCES[disturbance]
    for shown, for_s in ((AS_USUAL, 12), (moment, 30), (AS_USUAL, 12)):
        painting.play(rendered(2, CoverState.GOOD, shown), for_s, FPS)
    assert published(painting) == []


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_neither_repeats_nor_ends_a_known_fault(painting: Rig, disturbance: str) -> None:
    moment = DISTURBANCES[disturbance]
    for shown, for_s in ((AS_USUAL, 15), (moment, 40), (AS_USUAL, 15)):
        painting.play(rendered(2, CoverState.BROKEN, shown), for_s, FPS)
    assert published(painting) == ["new"]


def test_a_repair_is_published_even_in_the_rain(painting: Rig) -> None:
    painting.play(rendered(2, CoverState.BROKEN), 15, FPS)
    painting.play(rendered(2, CoverState.GOOD, Moment(rain=0.8)), 40, FPS)
    new, cleared = painting.detections()
    assert (new.type, cleared.type) == ("new", "cleared")
    assert (new.detection_id, new.seq + 1) == (cleared.detection_id, cleared.seq)


def test_an_unchanged_fault_is_one_alert_in_a_day_with_three_restarts(painting: Rig) -> None:
    def through_the_day(at_s: float) -> bytes:
        light = 0.25 + 0.75 * max(0.0, math.sin(2 * math.pi * at_s / 86_400))
        return rendered(2, CoverState.BROKEN, Moment(light=light))(at_s)

    painting.play(through_the_day, 30, FPS)
    for _ in range(4):
        painting.play(through_the_day, 6 * 3600, fps=1 / 600)
        painting.restart()
        painting.play(through_the_day, 20, FPS)
    kinds = Counter(published(painting))
    assert kinds["new"] == 1
    assert set(kinds) == {"new", "update"}, "it only says now and then that it is still there"
    assert kinds["update"] <= 24
    seqs = [one.seq for one in painting.detections()]
    assert seqs == list(range(1, len(seqs) + 1))
