"""Video streams, from GStreamer's RTSP server (package gir1.2-gst-rtsp-server-1.0)."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from deploy.local.ports import free_port, wait_for_port
from edge.sources.address import RtspAddress, parse
from edge.sources.rtsp import RtspFrames
from tests.integration.edge.conftest import ROOT, wait_until
from tests.integration.edge.film import GREYS, HEIGHT, WIDTH, write_film
from tests.integration.edge.receiving import Kept, beside

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = ROOT / "firmware_sim" / "rtsp_server.py"
PASSWORD = "p@ss/w#rd of this test"
ENCODED = "p%40ss%2Fw%23rd%20of%20this%20test"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "live.mkv"
    write_film(path, seconds=20)
    return path


@dataclass
class RtspCamera:
    """A camera that can be switched off and on again."""

    film: Path
    port: int
    options: tuple[str, ...] = ()

    def on(self) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, SERVER, str(self.port), self.film, *self.options]
        )
        assert wait_for_port(self.port, within_s=10), "is gir1.2-gst-rtsp-server-1.0 installed?"

    def off(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def camera(film: Path) -> Iterator[RtspCamera]:
    made = RtspCamera(film, free_port())
    made.on()
    yield made
    made.off()


def source(kept: Kept, port: int, login: str = "", path: str = "live") -> RtspFrames:
    address = parse(f"rtsp://{login}127.0.0.1:{port}/{path}")
    assert isinstance(address, RtspAddress)
    return RtspFrames("C-001", address, kept, every_s=0.2, timeout_s=2.0)


def brightness(picture: np.ndarray) -> float:
    """Of the upper half."""
    return float(picture[: len(picture) // 2].mean())


def test_key_frames_come_and_show_what_was_filmed(camera: RtspCamera) -> None:
    kept = Kept()
    with beside(source(kept, camera.port)):
        wait_until(lambda: len(kept.frames) >= 4, 20, f"frames come: {kept.outages}")
    stills = [frame.still for frame in kept.frames]
    assert {still.picture().shape for still in stills} == {(HEIGHT, WIDTH, 3)}
    shown = [brightness(still.picture()) for still in stills]
    assert all(min(abs(grey - one) for grey in GREYS) < 6 for one in shown), shown
    assert len({round(one / 60) for one in shown}) == len(GREYS)
    assert {still.thumbnail().shape for still in stills} == {(90, 160)}


def test_the_picture_is_encoded_once_and_like_the_original(camera: RtspCamera) -> None:
    kept = Kept()
    with beside(source(kept, camera.port)):
        wait_until(lambda: bool(kept.frames), 20, f"a frame comes: {kept.outages}")
    still = kept.frames[0].still
    assert still.jpeg() is still.jpeg()
    encoded = cv2.imdecode(np.frombuffer(still.jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(encoded.astype(int) - still.picture()).mean() < 2


def test_a_camera_that_dies_and_comes_back_is_watched_again(camera: RtspCamera) -> None:
    kept = Kept()
    with beside(source(kept, camera.port)):
        wait_until(lambda: bool(kept.frames), 20, f"a frame comes: {kept.outages}")
        camera.off()
        wait_until(lambda: len(kept.outages) >= 2, 20, "the loss is noticed")
        before = len(kept.frames)
        camera.on()
        wait_until(lambda: len(kept.frames) > before, 30, f"frames come again: {kept.outages}")
    assert kept.bad == []


def test_a_login_is_sent_if_the_camera_asks_for_it_and_a_wrong_one_is_reported(film: Path) -> None:
    camera = RtspCamera(film, free_port(), ("--login", "operator", PASSWORD))
    camera.on()
    try:
        right, wrong = Kept(), Kept()
        with beside(source(right, camera.port, login=f"operator:{ENCODED}@")):
            wait_until(lambda: bool(right.frames), 20, f"a frame comes: {right.outages}")
        with beside(source(wrong, camera.port, login="operator:guessed@")):
            wait_until(lambda: bool(wrong.outages), 20, "it is refused")
    finally:
        camera.off()
    assert "refuses the login" in wrong.outages[0]
    assert "guessed" not in " ".join(wrong.outages)


def test_a_missing_stream_is_reported(camera: RtspCamera) -> None:
    kept = Kept()
    with beside(source(kept, camera.port, path="dead")):
        wait_until(lambda: bool(kept.outages), 20, "it is refused")
    assert "no such stream" in kept.outages[0]


def test_a_camera_that_takes_the_call_and_says_nothing_is_given_up_in_time() -> None:
    kept = Kept()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        beside(source(kept, silent.getsockname()[1])),
    ):
        wait_until(lambda: bool(kept.outages), 10, "it gives up")
    assert "sends nothing" in kept.outages[0]


def test_a_camera_that_speaks_nonsense_is_survived() -> None:
    kept = Kept()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        beside(source(kept, server.getsockname()[1])),
    ):
        for _ in range(2):
            server.settimeout(10)
            caller, _ = server.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"\x00RTSP/9.9 -1\r\n\r\n$" * 500)
        wait_until(lambda: len(kept.outages) >= 2, 20, "it is refused")
    assert kept.frames == []
