"""What may change while the worker looks: the disk, the zones, the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.camera import CameraChannel
from edge.detector import LoadedDetector, ModelInfo
from edge.ground import CameraSite
from edge.remote.comparison import AcceptanceRules
from edge.remote.evaluation import Probation, ShadowEvaluation
from tests.paint import BROKEN, GOOD, PaintDetector
from tests.unit.edge.rig import Rig
from tests.unit.edge.test_worker import street
from wire.messages import Storage

RULES = AcceptanceRules(looks=3, slowest=1000.0)


@pytest.fixture
def rig(tmp_path: Path, model: ModelInfo) -> Iterator[Rig]:
    made = Rig(tmp_path / "edge.db", model)
    yield made
    made.connection.close()


class Failing(PaintDetector):
    def detect(self, image_bgr, /):
        super().detect(image_bgr)
        raise RuntimeError("the paint is dry")


def loaded(detector: PaintDetector, model: ModelInfo) -> LoadedDetector:
    return LoadedDetector(detector, model, lambda _: None, model.thresholds)


def set_full(rig: Rig, full: bool) -> None:
    pages = rig.connection.execute("PRAGMA page_count").fetchone()[0]
    bound = pages if full else 1_000_000
    rig.connection.execute(f"PRAGMA max_page_count = {bound}")


def test_a_fault_that_a_full_disk_could_not_take_is_published_once_there_is_room(rig: Rig) -> None:
    rig.film(street(GOOD), 15)
    set_full(rig, full=True)
    rig.film(street(BROKEN), 30)
    assert rig.detections() == []
    assert rig.worker._disk.state is Storage.FULL
    set_full(rig, full=False)
    rig.film(street(BROKEN), 15)
    assert [one.type for one in rig.detections()] == ["new"]
    assert rig.worker._disk.state is Storage.OK
    rig.restart()
    rig.film(street(BROKEN), 30)
    assert [one.type for one in rig.detections()] == ["new"]


@pytest.mark.parametrize(("left", "published"), [(0.3, []), (0.6, ["new"])])
def test_what_stands_in_an_ignored_zone_is_not_published(
    tmp_path: Path, model: ModelInfo, left: float, published: list[str]
) -> None:
    zone = ((left, 0.5), (left + 0.25, 0.5), (left + 0.25, 0.9), (left, 0.9))
    new_camera = lambda: CameraChannel("C-001", CameraSite(103.82, 25.61, 40), ignore=(zone,))  # noqa: E731
    rig = Rig(tmp_path / "edge.db", model, new_camera=new_camera)
    rig.film(street(BROKEN), 30)
    assert [one.type for one in rig.detections()] == published
    rig.connection.close()


def test_a_shadow_model_gets_the_same_frames_and_publishes_nothing(
    rig: Rig, model: ModelInfo
) -> None:
    shadow = ShadowEvaluation(loaded(PaintDetector(), model), RULES)
    rig.worker.follow(shadow)
    rig.film(street(BROKEN), 60)
    assert shadow.over.is_set()
    assert shadow.objection is None
    assert shadow.comparison.looks == RULES.looks
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_shadow_model_that_fails_does_not_disturb_the_one_in_use(
    rig: Rig, model: ModelInfo
) -> None:
    shadow = ShadowEvaluation(loaded(Failing(), model), RULES)
    rig.worker.follow(shadow)
    rig.film(street(BROKEN), 60)
    assert "the paint is dry" in str(shadow.objection)
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_model_that_fails_in_use_is_replaced_within_the_same_inference(
    rig: Rig, model: ModelInfo
) -> None:
    old = loaded(PaintDetector(), model)
    probation = Probation(RULES, None, lambda: old)
    rig.worker.use(loaded(Failing(), model))
    rig.worker.follow(probation)
    rig.film(street(BROKEN), 15)
    assert probation.rescued is old
    assert "failed in look 1" in str(probation.objection)
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_model_that_has_proved_itself_has_nothing_in_reserve(rig: Rig, model: ModelInfo) -> None:
    probation = Probation(AcceptanceRules(looks=1), None, lambda: loaded(PaintDetector(), model))
    rig.worker.follow(probation)
    rig.film(street(BROKEN), 60)
    assert probation.over.is_set()
    rig.worker.use(loaded(Failing(), model))
    with pytest.raises(RuntimeError, match="dry"):
        rig.film(street(BROKEN), 60)
