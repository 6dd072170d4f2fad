import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from edge.camera import CameraChannel
from edge.ground import CameraSite
from edge.log_throttle import LogThrottle
from wire.messages import CameraState


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
