import threading
import time
from datetime import UTC, datetime

from edge.frame import CameraFrame
from edge.mailbox import Mailboxes
from edge.picture import Jpeg


def frame(camera_id: str, name: str) -> CameraFrame:
    return CameraFrame(camera_id, Jpeg(name.encode()), 0.0, datetime.now(UTC))


def test_a_slow_detector_gets_the_latest_frame_and_the_others_are_counted() -> None:
    boxes = Mailboxes(["C-001"])
    for name in "abc":
        boxes.put(frame("C-001", name))
    taken = boxes.take(1)
    assert taken is not None
    assert taken.still.jpeg() == b"c"
    assert boxes.replaced("C-001") == 2
    assert boxes.take(0) is None


def test_a_busy_camera_does_not_starve_a_quiet_one() -> None:
    boxes = Mailboxes(["C-001", "C-002"])
    order = []
    boxes.put(frame("C-001", "a"))
    boxes.put(frame("C-002", "b"))
    for _ in range(3):
        taken = boxes.take(0)
        assert taken is not None
        order.append(taken.camera_id)
        boxes.put(frame("C-001", "again"))
        boxes.put(frame("C-002", "again"))
    assert order == ["C-001", "C-002", "C-001"]


def test_taking_waits_for_a_frame() -> None:
    boxes = Mailboxes(["C-001"])
    taken: list[CameraFrame | None] = []
    thread = threading.Thread(target=lambda: taken.append(boxes.take(10)))
    thread.start()
    boxes.put(frame("C-001", "a"))
    thread.join(10)
    assert taken[0] is not None


def test_taking_gives_up_after_its_time() -> None:
    start_s = time.monotonic()
    assert Mailboxes(["C-001"]).take(0.05) is None
    assert time.monotonic() - start_s >= 0.04
