import time
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from edge.camera import CameraChannel
from edge.gate import Thumbnail
from edge.ground import CameraSite
from edge.log_throttle import LogThrottle
from edge.picture import Jpeg
from scenes import encode_jpeg
from wire.messages import CameraHealth, CameraState


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as lines:
        yield lines


def camera() -> CameraChannel:
    return CameraChannel("C-001", CameraSite(103.82, 25.61, 40))


def state(of: CameraChannel, in_s: float = 0.0) -> CameraState | None:
    return of.health(time.monotonic() + in_s).state


def test_a_camera_is_up_while_frames_come_and_silent_when_they_stop() -> None:
    one = camera()
    assert state(one) is None
    one.arrived(time.monotonic())
    assert state(one) is CameraState.UP
    assert state(one, in_s=31) is CameraState.SILENT


def test_a_camera_that_never_sends_is_silent_too() -> None:
    assert state(camera(), in_s=31) is CameraState.SILENT


def test_a_camera_is_down_for_a_reason_until_it_is_reached() -> None:
    one = camera()
    one.arrived(time.monotonic())
    one.lost("the connection is refused")
    one.lost("the connection is refused")
    health = one.health(time.monotonic())
    assert (health.state, health.reason) == (CameraState.DOWN, "the connection is refused")
    one.reached()
    health = one.health(time.monotonic())
    assert (health.state, health.reason, health.outages) == (CameraState.UP, None, 1)


def test_a_reason_of_any_length_fits_the_message() -> None:
    one = camera()
    one.lost("far " * 10_000)
    assert len(one.health(time.monotonic()).reason or "") == 300


def test_an_outage_is_logged_when_it_begins_and_ends_not_at_each_attempt(
    logged: list[EventDict],
) -> None:
    one = camera()
    for _ in range(50):
        one.lost("no route to host")
    one.reached()
    one.lost("no route to host")
    one.reached()
    assert [line["event"] for line in logged] == ["camera_lost", "camera_back"]


def test_a_repeating_error_is_logged_once_a_minute_with_its_count() -> None:
    now_s = [0.0]
    throttle = LogThrottle(lambda: now_s[0])
    said = []
    for now_s[0] in (0, 1, 2, 59, 60, 61, 125):
        said.append(throttle.due())
    assert said == [1, 0, 0, 0, 4, 0, 2]


NOISE = np.random.default_rng(3)


def scene(level: float = 120.0) -> Thumbnail:
    """A thumbnail that shows something, with a sensor's noise."""
    shades = np.linspace(level - 20, level + 20, 160)[None, :].repeat(90, axis=0)
    return np.clip(shades + NOISE.normal(0, 1, (90, 160)), 0, 255).astype(np.uint8)


def flat(level: int) -> Thumbnail:
    return np.clip(NOISE.normal(level, 1, (90, 160)), 0, 255).astype(np.uint8)


def watched(frames: Iterable[tuple[Thumbnail, int]]) -> CameraHealth:
    """The health of a camera after a frame each second, by thumbnail and mark."""
    one, at_s = camera(), 1000.0
    for at_s, (thumbnail, mark) in enumerate(frames, start=1000):
        one.arrived(at_s)
        one.usability.judge(thumbnail, mark, at_s)
    return one.health(at_s)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([(flat(4), mark) for mark in range(40)], "black"),
        ([(flat(128), mark) for mark in range(40)], "grey"),
        ([(scene(), 7)] * 40, "frozen"),
    ],
)
def test_a_camera_whose_every_frame_shows_nothing_for_long_is_blind_and_says_why(
    frames: list[tuple[Thumbnail, int]], reason: str
) -> None:
    assert watched(frames[:25]).state is CameraState.UP
    health = watched(frames)
    assert (health.state, health.reason) == (CameraState.BLIND, reason)
    again = watched([*frames, (scene(), 99)])
    assert (again.state, again.reason) == (CameraState.UP, None)


def test_a_still_scene_at_night_is_up_since_its_noise_changes_some_bits() -> None:
    night = scene(25)
    assert watched([(night, mark) for mark in range(60)]).state is CameraState.UP


def test_a_camera_whose_every_frame_is_bad_is_blind() -> None:
    one = camera()
    for _ in range(3):
        one.arrived(time.monotonic())
        one.refuse("ends before its last row; cut short?")
    assert state(one) is CameraState.UP
    one.newest_s = time.monotonic() + 31
    health = one.health(time.monotonic() + 31)
    assert (health.state, health.reason) == (
        CameraState.BLIND,
        "bad: ends before its last row; cut short?",
    )


def test_two_pictures_have_the_same_mark_only_if_their_bytes_are_the_same() -> None:
    one, other = (
        encode_jpeg(np.full((64, 64, 3), 90, np.uint8)),
        encode_jpeg(np.full((64, 64, 3), 91, np.uint8)),
    )
    assert Jpeg(one).mark() == Jpeg(bytes(one)).mark()
    assert Jpeg(one).mark() != Jpeg(other).mark()
