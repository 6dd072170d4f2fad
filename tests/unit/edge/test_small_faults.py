"""A hole that takes 3 % of a full HD picture's width, which the whole picture does not show."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from edge.boxes import ImageBox, iou
from edge.camera import CameraChannel
from edge.detector import ModelInfo
from edge.ground import CameraSite
from edge.tile_scheduler import TileScheduler, TilingLimits, TilingMode
from scenes import FAR, CoverState, StreetScene, encode_jpeg
from tests.paint import GOOD, OPEN, PaintDetector, painted
from tests.unit.edge.rig import Rig

WIDTH, HEIGHT = 1920, 1080
RESOLVES_PX = 20
FPS = 2
LOOP_S = 4


class Street:
    """A rendered street whose cover is painted, for a detector that sees paint.

    What happens in it comes again every few seconds, so that few pictures need be rendered.
    """

    def __init__(self, seed: int) -> None:
        self._scene = StreetScene(seed, WIDTH, HEIGHT, FAR)
        self._jpeg = cache(self._rendered)

    def sound(self, at_s: float) -> bytes:
        return self._jpeg(at_s % LOOP_S, GOOD)

    def holed(self, at_s: float) -> bytes:
        return self._jpeg(at_s % LOOP_S, OPEN)

    def place(self) -> ImageBox:
        (box,) = self._scene.frame(0.0, CoverState.OPEN).boxes
        return ImageBox(box.x / WIDTH, box.y / HEIGHT, box.w / WIDTH, box.h / HEIGHT)

    def _rendered(self, at_s: float, paint: tuple[int, int, int]) -> bytes:
        return encode_jpeg(painted(self._scene.frame(at_s, CoverState.OPEN), paint))


@cache
def street(seed: int) -> Street:
    return Street(seed)


def watching(path: Path, model: ModelInfo, tiling: TilingMode) -> Rig:
    def camera() -> CameraChannel:
        tile_scheduler = TileScheduler(TilingLimits(tiling))
        return CameraChannel("C-001", CameraSite(103.82, 25.61, 40), tile_scheduler=tile_scheduler)

    detector = PaintDetector((GOOD, OPEN), least_px=RESOLVES_PX)
    return Rig(path / "edge.db", model, detector, camera)


@pytest.fixture(params=[TilingMode.ROTATE, TilingMode.HEARTBEAT])
def rig(request: pytest.FixtureRequest, tmp_path: Path, model: ModelInfo) -> Iterator[Rig]:
    made = watching(tmp_path, model, request.param)
    yield made
    made.connection.close()


@pytest.mark.parametrize("seed", [1, 4])
def test_a_hole_that_opens_is_published_within_fifteen_seconds_at_its_place(
    rig: Rig, seed: int
) -> None:
    rig.play(street(seed).sound, 12, FPS)
    rig.play(street(seed).holed, 15, FPS)
    (fault,) = rig.detections()
    assert (fault.type, fault.label) == ("new", "manhole_open")
    assert (
        iou(
            street(seed).place(),
            ImageBox(fault.box.x, fault.box.y, fault.box.w, fault.box.h),
        )
        > 0.5
    )


def test_a_hole_that_was_there_before_is_published_within_one_round_of_the_tiles(rig: Rig) -> None:
    rig.play(street(1).holed, 62, fps=1)
    assert [one.type for one in rig.detections()] == ["new"]


def test_looks_elsewhere_do_not_make_a_known_hole_fade(rig: Rig) -> None:
    jpeg = street(1).holed(0)
    rig.play(lambda _: jpeg, 600, fps=0.2)
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_hole_that_is_closed_again_is_cleared(rig: Rig) -> None:
    rig.play(street(1).sound, 12, FPS)
    rig.play(street(1).holed, 15, FPS)
    rig.play(street(1).sound, 30, FPS)
    assert [one.type for one in rig.detections()] == ["new", "cleared"]


def test_without_tiles_the_hole_is_not_seen(tmp_path: Path, model: ModelInfo) -> None:
    rig = watching(tmp_path, model, TilingMode.OFF)
    rig.play(street(1).holed, 30, FPS)
    assert rig.detections() == []
    rig.connection.close()


def test_no_look_shows_the_detector_more_than_the_camera_allows(
    tmp_path: Path, model: ModelInfo
) -> None:
    rig = watching(tmp_path, model, TilingMode.ROTATE)
    rig.play(street(1).holed, 30, FPS)
    shapes = rig.detector.shapes
    assert shapes.count((HEIGHT, WIDTH)) == rig.camera.looked_at
    assert rig.camera.looked_at < len(shapes) <= 3 * rig.camera.looked_at
    rig.connection.close()
