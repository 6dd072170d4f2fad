"""Snapshots and MJPEG, from a small web server on loopback."""

import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from edge.camera import CameraChannel, Intake
from edge.ground import CameraSite
from edge.mailbox import Mailboxes
from edge.sources import LARGEST_JPEG
from edge.sources.address import HttpAddress, parse
from edge.sources.http import HttpFrames
from scenes import encode_jpeg
from tests.integration.edge.conftest import wait_until
from tests.integration.edge.http_camera import (
    Answer,
    basic,
    digest,
    http_camera,
    mjpeg,
    picture,
    status,
)
from tests.integration.edge.receiving import Kept, beside

JPEG = encode_jpeg(np.full((360, 640, 3), 120, np.uint8))


def source(
    receiver: Kept | Intake, port: int, path: str = "/", login: str = "", scheme: str = "http"
) -> HttpFrames:
    address = parse(f"{scheme}://{login}127.0.0.1:{port}{path}")
    assert isinstance(address, HttpAddress)
    return HttpFrames("C-001", address, receiver, every_s=0.02, timeout_s=1.0)


def shown(kept: Kept) -> set[bytes]:
    return {frame.still.jpeg() for frame in list(kept.frames)}


def without_end(*parts: bytes) -> Iterator[bytes]:
    while True:
        for part in parts:
            yield part
            time.sleep(0.01)


def test_a_snapshot_is_asked_for_again_and_again_and_kept_as_it_came() -> None:
    kept = Kept()
    with http_camera({"/": picture(JPEG)}) as port, beside(source(kept, port)):
        wait_until(lambda: len(kept.frames) >= 5, 10, "frames come")
    assert shown(kept) == {JPEG}
    assert (kept.bad, kept.outages) == ([], [])


def test_mjpeg_is_known_by_its_content_type() -> None:
    kept, other = Kept(), encode_jpeg(np.zeros((360, 640, 3), np.uint8))
    with (
        http_camera({"/": mjpeg(lambda: without_end(JPEG, other))}) as port,
        beside(source(kept, port)),
    ):
        wait_until(lambda: shown(kept) == {JPEG, other}, 10, "both pictures come")
    assert kept.times_reached == 1


def test_mjpeg_that_calls_itself_something_else_is_read_where_the_settings_say_so() -> None:
    kept = Kept()
    stream = mjpeg(lambda: without_end(JPEG), kind="application/octet-stream")
    with http_camera({"/": stream}) as port, beside(source(kept, port, scheme="mjpeg+http")):
        wait_until(lambda: len(kept.frames) >= 3, 10, f"frames come: {kept.outages}")
    assert kept.frames[0].still.jpeg() == JPEG


def test_of_a_fast_stream_no_more_is_taken_than_asked_for() -> None:
    kept = Kept()
    with http_camera({"/": mjpeg(lambda: without_end(JPEG))}) as port:
        address = parse(f"http://127.0.0.1:{port}/")
        assert isinstance(address, HttpAddress)
        with beside(HttpFrames("C-001", address, kept, every_s=0.5)):
            wait_until(lambda: len(kept.frames) >= 3, 10, "frames come")
    times = [frame.arrived_s for frame in kept.frames]
    assert times[2] - times[0] > 0.9


@pytest.mark.parametrize("way", [basic, digest])
@pytest.mark.parametrize("answer", [picture(JPEG), mjpeg(lambda: without_end(JPEG))])
def test_a_login_is_given_in_the_way_that_the_camera_asks_for(way, answer: Answer) -> None:
    kept = Kept()
    camera = {"/live": way("operator", "p@ss word", answer)}
    with (
        http_camera(camera) as port,
        beside(source(kept, port, "/live", login="operator:p%40ss%20word@")),
    ):
        wait_until(lambda: len(kept.frames) >= 3, 10, f"frames come: {kept.outages}")


@pytest.mark.parametrize("login", ["operator:guessed@", ""])
def test_a_refused_login_is_reported_without_the_password(login: str) -> None:
    kept = Kept()
    camera = {"/": digest("operator", "secret", picture(JPEG))}
    with http_camera(camera) as port, beside(source(kept, port, login=login)):
        wait_until(lambda: bool(kept.outages), 10, "it is refused")
    assert "401" in kept.outages[0]
    assert "guessed" not in kept.outages[0]


@pytest.mark.parametrize(
    "challenge", ["Digest", 'Digest realm="x"', 'Digest realm="x", nonce="y", algorithm=ROT13']
)
def test_a_challenge_that_nobody_can_meet_is_an_outage(challenge: str) -> None:
    kept = Kept()
    camera = {"/": status(401, WWW_Authenticate=challenge)}
    with http_camera(camera) as port, beside(source(kept, port, login="operator:secret@")):
        wait_until(lambda: len(kept.outages) >= 2, 10, "it is refused")
    assert "secret" not in " ".join(kept.outages)


@pytest.mark.parametrize("answer", [picture(JPEG), mjpeg(lambda: without_end(JPEG))])
def test_a_camera_that_dies_and_comes_back_is_asked_again(answer: Answer) -> None:
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with beside(source(kept, port)):
        wait_until(lambda: bool(kept.outages), 10, "it is not there yet")
        for _ in range(2):
            before = len(kept.frames)
            with http_camera({"/": answer}, port):
                wait_until(lambda before=before: len(kept.frames) > before, 15, "frames come")
            lost = len(kept.outages)
            wait_until(lambda lost=lost: len(kept.outages) > lost, 15, "the loss is noticed")
    assert "refused" in kept.outages[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (picture(b""), "not a JPEG"),
        (picture(b"<html>log in</html>", "text/html"), "text/html"),
        (picture(JPEG[:900], promised=len(JPEG)), "after 900 bytes"),
        (picture(bytes(1024), promised=LARGEST_JPEG * 64), "after 1024 bytes"),
        (mjpeg(lambda: iter([b"garbage", b"more"])), "not a JPEG"),
        (mjpeg(lambda: iter([bytes(LARGEST_JPEG + 1)])), "at most"),
        (picture(bytes(80_000), "multipart/x-mixed-replace; boundary=b"), "no boundary"),
    ],
)
def test_what_is_no_picture_is_counted_as_bad_and_survived(answer: Answer, reason: str) -> None:
    kept = Kept()
    answers = {"/": answer}
    with http_camera(answers) as port, beside(source(kept, port)):
        wait_until(lambda: len(kept.bad) >= 2, 15, f"bad frames are counted: {kept.outages}")
        answers["/"] = picture(JPEG)
        wait_until(lambda: bool(kept.frames), 15, "a good frame comes")
    assert reason in kept.bad[0]


def test_a_body_without_end_is_cut_off_where_it_gets_too_large() -> None:
    def endless(to) -> None:
        to.send_response(200)
        to.end_headers()
        while True:
            to.wfile.write(bytes(1024 * 1024))

    kept = Kept()
    with http_camera({"/": endless}) as port, beside(source(kept, port)):
        wait_until(lambda: bool(kept.bad), 15, "it is counted")
    assert str(LARGEST_JPEG) in kept.bad[0]


def test_a_camera_that_stops_in_the_middle_is_given_up_in_time() -> None:
    release = threading.Event()

    def stuck() -> Iterator[bytes]:
        yield JPEG
        release.wait(30)

    kept = Kept()
    with http_camera({"/": mjpeg(stuck)}) as port, beside(source(kept, port)):
        wait_until(lambda: bool(kept.outages), 10, "it gives up")
        release.set()
    assert len(kept.frames) >= 1
    assert "sends nothing" in kept.outages[0]


def test_a_redirection_is_reported_and_not_followed() -> None:
    kept = Kept()
    camera = {"/": status(302, Location="http://192.0.2.1/")}
    with http_camera(camera) as port, beside(source(kept, port)):
        wait_until(lambda: bool(kept.outages), 10, "it is told")
    assert "302" in kept.outages[0]


def test_a_slow_detector_holds_up_no_stream_and_what_it_missed_is_counted() -> None:
    camera = CameraChannel("C-001", CameraSite(103.82, 25.61, 40))
    mailboxes = Mailboxes(["C-001"])
    sent = []

    def numbered() -> Iterator[bytes]:
        for jpeg in without_end(JPEG):
            sent.append(jpeg)
            yield jpeg

    stream = http_camera({"/": mjpeg(numbered)})
    with stream as port, beside(source(Intake([camera], mailboxes), port)):
        wait_until(lambda: len(sent) >= 200, 20, "the camera sends as fast as it likes")
        assert mailboxes.take(1) is not None
    assert camera.frames_in > 20
    assert mailboxes.replaced("C-001") >= camera.frames_in - 2
    assert mailboxes.waiting() <= 1
