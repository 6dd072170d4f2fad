"""The whole way from frame to outbox, with a detector that sees what the test paints."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from edge.database import Durability, connect
from edge.detector import ModelInfo
from edge.picture import picture
from scenes import encode_jpeg
from tests.paint import BROKEN, GOOD
from tests.unit.edge.rig import START_AT, Rig
from wire import topics
from wire.decode import JpegPayload, decode
from wire.messages import Detection
from wire.topics import Leaf

CAR = (220, 120, 20)


def street(cover: tuple[int, int, int] | None, light: int = 0, car_at: int | None = None) -> bytes:
    image = np.full((720, 1280, 3), 100 + light, np.uint8)
    image[::16] = 90 + light
    if cover is not None:
        image[420:480, 560:640] = cover
    if car_at is not None:
        image[300:420, car_at : car_at + 260] = CAR
    return encode_jpeg(image)


@pytest.fixture
def rig(tmp_path: Path, model: ModelInfo) -> Iterator[Rig]:
    made = Rig(tmp_path / "edge.db", model)
    yield made
    made.connection.close()


def test_a_cover_that_breaks_is_published_once_with_its_picture_before_it(rig: Rig) -> None:
    rig.film(street(GOOD), 15)
    broken = street(BROKEN)
    rig.film(broken, 60)
    *pictures, (leaf, camera_id, payload) = rig.waiting()
    assert (leaf, camera_id) == (Leaf.DETECTIONS, "C-001")
    message = json.loads(payload)
    assert message["class"] == "manhole_broken"
    (tail, jpeg), (near, crop) = ((tail, jpeg) for _, tail, jpeg in pictures)
    assert message["evidence"] == tail == sha256(jpeg).hexdigest()
    assert jpeg == broken
    (shot,) = message["shots"]
    assert (shot["role"], shot["evidence"]) == ("crop", near)
    assert picture(crop).shape == (160, 160, 3)
    assert (message["type"], message["seq"]) == ("new", 1)
    assert message["ground"] == {"lon": 103.82, "lat": 25.61, "error_m": 40.0}
    assert message["box"]["x"] == pytest.approx(560 / 1280, abs=0.01)
    assert rig.committed == 1


def brightening(at_s: float) -> bytes:
    """A broken cover in pictures of which no two are the same."""
    return street(BROKEN, light=round(at_s * 5) % 41)


def roles(rig: Rig) -> dict[str, tuple[str, datetime]]:
    """The pictures of the one fault that was fault: role, hash and time."""
    (fault,) = rig.detections()
    sent = [tail for leaf, tail, _ in rig.waiting() if leaf is Leaf.EVIDENCE]
    shots = {shot.role.value: (shot.evidence, shot.frame_at) for shot in fault.shots}
    shots["confirming"] = (fault.evidence, fault.frame_at)
    assert sorted(sent) == sorted(sha256 for sha256, _ in shots.values())
    return shots


def test_a_new_fault_brings_its_first_its_best_and_its_confirming_picture_and_a_crop(
    rig: Rig,
) -> None:
    rig.detector.scores = (*[0.6] * 4, *[0.9] * 3, *[0.6] * 200)
    rig.play(brightening, 20)
    shown = roles(rig)
    assert set(shown) == {"first", "best", "confirming", "crop"}
    assert shown["first"][1] == START_AT
    assert shown["first"][1] < shown["best"][1] < shown["confirming"][1] == shown["crop"][1]
    assert rig.kept_pictures() == 0


def test_the_first_look_is_not_lost_in_a_restart(rig: Rig) -> None:
    rig.play(brightening, 2.2)
    rig.restart()
    rig.play(brightening, 10)
    assert roles(rig)["first"][1] == START_AT


def test_of_what_comes_to_nothing_no_picture_is_kept(rig: Rig) -> None:
    rig.film(street(BROKEN), 1.2)
    assert rig.kept_pictures() == 1
    rig.film(street(GOOD), 10)
    assert (rig.detections(), rig.kept_pictures()) == ([], 0)


def test_it_is_published_within_fifteen_seconds(rig: Rig) -> None:
    rig.film(street(GOOD), 15)
    rig.film(street(BROKEN), 15)
    assert [one.type for one in rig.detections()] == ["new"]


def test_three_restarts_publish_nothing_again(rig: Rig) -> None:
    rig.film(street(BROKEN), 20)
    for _ in range(3):
        rig.restart()
        rig.film(street(BROKEN), 40)
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_restart_in_the_middle_of_doubt_loses_nothing(rig: Rig) -> None:
    rig.film(street(BROKEN), 2.2)
    assert rig.detections() == []
    rig.restart()
    rig.film(street(BROKEN), 10)
    assert [one.type for one in rig.detections()] == ["new"]


def test_a_repair_clears_the_fault_also_after_a_restart(rig: Rig) -> None:
    rig.film(street(BROKEN), 20)
    rig.restart()
    rig.film(street(GOOD), 30)
    new, cleared = rig.detections()
    assert cleared.type == "cleared"
    assert cleared.detection_id == new.detection_id
    assert cleared.seq == new.seq + 1
    assert cleared.evidence is not None
    assert cleared.evidence != new.evidence
    rig.restart()
    rig.film(street(GOOD), 60)
    assert len(rig.detections()) == 2


def test_a_change_of_light_publishes_nothing(rig: Rig) -> None:
    rig.film(street(GOOD), 12)
    for light in (60, 0, 100, -40):
        rig.film(street(GOOD, light), 12)
    assert rig.detections() == []


def test_a_parked_car_publishes_nothing_and_costs_few_inferences(rig: Rig) -> None:
    rig.film(street(GOOD), 12)
    before = rig.camera.looked_at
    rig.film(street(GOOD, car_at=500), 60)
    assert rig.detections() == []
    assert rig.camera.looked_at - before <= 8


def test_a_car_over_a_broken_cover_neither_ends_nor_repeats_the_fault(rig: Rig) -> None:
    rig.film(street(BROKEN), 20)
    covered = street(None, car_at=500)
    rig.film(covered, 60)
    rig.film(street(BROKEN), 30)
    assert [one.type for one in rig.detections()] == ["new"]


def test_bad_frames_are_counted_and_the_next_good_one_is_looked_at(rig: Rig) -> None:
    broken = street(BROKEN)
    for bad in (b"", b"\xff\xd8\xff", broken[:5000], bytes(3000), broken[:100] * 50):
        rig.show(bad)
    assert rig.camera.bad == 5
    rig.film(broken, 10)
    assert [one.type for one in rig.detections()] == ["new"]


def test_every_waiting_message_keeps_the_contract(rig: Rig) -> None:
    rig.film(street(BROKEN), 20)
    rig.film(street(GOOD), 30)
    decoded = [
        decode(topics.parse(one.message.topic), one.message.payload)
        for one in rig.outbox.after(0, 100)
    ]
    kinds = [JpegPayload, JpegPayload, Detection, JpegPayload, Detection]
    assert [type(one) for one in decoded] == kinds


def test_the_outbox_and_the_tracks_hold_together_or_not_at_all(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiskFull(Exception):
        pass

    def fail(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(rig.outbox, "append", fail)
    with pytest.raises(DiskFull):
        rig.film(street(BROKEN), 20)
    with closing(connect(rig.path, Durability.FULL)) as other:
        assert [row["state"] for row in other.execute("SELECT state FROM tracks")] == ["tentative"]
    rig.restart()
    rig.film(street(BROKEN), 20)
    assert [one.type for one in rig.detections()] == ["new"]
