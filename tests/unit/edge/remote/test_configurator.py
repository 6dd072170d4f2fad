import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue

from edge.gate import GateLimits
from edge.reach import Reach
from edge.remote.config import Setup
from edge.remote.configurator import Configurator
from edge.settings import CameraSettings
from wire.limits import MAX_JSON_BYTES
from wire.messages import DeviceConfig

CAMERA: dict[str, JsonValue] = {"camera_id": "C-001", "source": "mqtt", "place": [103.82, 25.61]}
SECRET = "rtsp://admin:of-this-test-only@127.0.0.1/1"
REACH = Reach("SETTING", (), folders=(Path.cwd(),))
INSTALLED = Setup(0, (CameraSettings.model_validate(CAMERA),), 10.0, {}, GateLimits())
CLASSES = ("manhole_broken", "pothole")


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def configurator(folder: Path, clock: Clock | None = None) -> Configurator:
    own: dict[str, JsonValue] = {"edge_id": "E-01"}
    file = folder / "config.json"
    return Configurator(file, INSTALLED, own, lambda: CLASSES, REACH, clock or Clock())


def proved(folder: Path, version: int) -> None:
    """A configuration with which a node has run for long."""
    clock = Clock()
    one = configurator(folder, clock)
    one.request(desired(version))
    one.next()
    clock.now_s = 300
    one.next()


def desired(version: int, **settings: JsonValue) -> DeviceConfig:
    return DeviceConfig(version=version, settings=settings)


def test_a_good_configuration_is_applied_and_survives_a_restart_without_the_hub(
    tmp_path: Path,
) -> None:
    first = configurator(tmp_path)
    other = {**CAMERA, "camera_id": "C-002"}
    first.request(
        desired(
            4,
            cameras=[CAMERA, other],
            thresholds={"pothole": 0.7},
            heartbeat_day_s=5,
            health_every_s=2,
        )
    )
    assert first.next()
    for one in (first, configurator(tmp_path)):
        setup = one.setup
        assert [camera.camera_id for camera in setup.cameras] == ["C-001", "C-002"]
        assert (setup.version, setup.thresholds, setup.health_every_s) == (4, {"pothole": 0.7}, 2)
        assert setup.gate == GateLimits(heartbeat_day_s=5)
        assert one.reported().version == 4
        assert one.reported().settings["edge_id"] == "E-01"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"unknown": 1}, "unknown"),
        ({"cameras": []}, "at least one"),
        ({"cameras": [CAMERA, CAMERA]}, "only once"),
        ({"cameras": [{**CAMERA, "place": [103, 200]}]}, "cameras.0.place"),
        ({"cameras": "all"}, "cameras"),
        ({"thresholds": {"pothole": 1.5}}, "thresholds.pothole"),
        ({"thresholds": {"elephant": 0.5}}, "no class elephant"),
        ({"heartbeat_day_s": 0}, "heartbeat_day_s"),
        ({"health_every_s": "often"}, "health_every_s"),
    ],
)
def test_a_bad_configuration_is_refused_with_the_reason_and_the_old_one_stays(
    tmp_path: Path, settings: dict[str, JsonValue], words: str
) -> None:
    one = configurator(tmp_path)
    one.request(desired(1, health_every_s=3))
    assert one.next()
    one.request(desired(2, **settings))
    assert one.next()
    reported = one.reported()
    assert reported.version == 1
    assert reported.error is not None
    assert reported.error.startswith("version 2: ")
    assert words in reported.error
    assert one.setup.health_every_s == 3
    assert configurator(tmp_path).setup.health_every_s == 3


def test_the_same_request_again_changes_nothing(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    for _ in range(3):
        one.request(desired(1, health_every_s=3))
    assert one.next()
    assert not one.next()
    again = configurator(tmp_path)
    again.request(desired(1, health_every_s=3))
    assert not again.next()


def test_the_newest_of_several_requests_counts(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    for version in (1, 2, 3):
        one.request(desired(version, health_every_s=version))
    assert one.next()
    assert one.setup.version == 3


def test_a_request_for_the_running_configuration_clears_the_error(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    for each in (desired(1), desired(2, unknown=1), desired(1)):
        one.request(each)
        assert one.next()
    assert (one.reported().version, one.reported().error) == (1, None)


def test_no_source_is_reported_or_stored_where_others_can_read_it(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    one.request(desired(1, cameras=[{**CAMERA, "source": "folder:" + SECRET}]))
    one.next()
    assert "of-this-test-only" not in one.reported().model_dump_json()
    assert (tmp_path / "config.json").stat().st_mode & 0o077 == 0


def test_a_camera_elsewhere_is_refused_and_a_stored_one_is_not_started_with(
    tmp_path: Path,
) -> None:
    one = configurator(tmp_path)
    one.request(desired(1, cameras=[{**CAMERA, "source": SECRET}]))
    one.next()
    error = str(one.reported().error)
    assert "C-001: rtsp://127.0.0.1 is not allowed on this node" in error
    assert "of-this-test-only" not in error
    assert one.setup == INSTALLED
    stored = {"current": {"version": 1, "settings": {"cameras": [{**CAMERA, "source": SECRET}]}}}
    (tmp_path / "config.json").write_text(json.dumps(stored))
    assert configurator(tmp_path).setup == INSTALLED


def test_a_configuration_with_an_objection_is_refused_with_it(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    one.request(desired(3, health_every_s=2), "the hub has not signed it")
    assert one.next()
    assert one.reported().error == "version 3: the hub has not signed it"
    assert one.setup == INSTALLED


def test_where_the_hub_signs_an_older_configuration_does_not_come_back(tmp_path: Path) -> None:
    for version, taken in ((4, 4), (7, 7), (5, 7), (8, 8)):
        one = Configurator(
            tmp_path / "config.json", INSTALLED, {}, lambda: CLASSES, REACH, Clock(), in_order=True
        )
        one.request(desired(version))
        assert one.next()
        assert one.setup.version == taken
    one.request(desired(5))
    one.next()
    assert "older than version 8" in str(one.reported().error)


def test_a_configuration_that_ends_the_node_again_and_again_makes_way_for_the_one_before(
    tmp_path: Path,
) -> None:
    proved(tmp_path, 4)
    first = configurator(tmp_path)
    first.request(desired(5, health_every_s=3))
    assert first.next()
    assert [configurator(tmp_path).setup.version for _ in range(4)] == [5, 5, 4, 4]
    last = configurator(tmp_path)
    last.request(desired(5, health_every_s=3))
    last.next()
    assert last.setup.version == last.reported().version == 4
    assert "version 5: the node ended 3 times" in str(last.reported().error)
    last.request(desired(6, health_every_s=3))
    assert last.next()
    assert (last.reported().version, last.reported().error) == (6, None)


def test_what_was_given_up_is_reported_at_each_start_before_the_hub_is_heard(
    tmp_path: Path,
) -> None:
    first = configurator(tmp_path)
    first.request(desired(5))
    first.next()
    for start in range(5):
        one = configurator(tmp_path)
        assert (one.reported().error is not None) == (start >= 2)


def test_starts_that_end_because_the_node_is_stopped_do_not_count(tmp_path: Path) -> None:
    first = configurator(tmp_path)
    first.request(desired(5))
    first.next()
    first.stopped_cleanly()
    for _ in range(5):
        one = configurator(tmp_path)
        assert one.setup.version == 5
        one.stopped_cleanly()


def test_what_has_run_for_long_may_be_started_as_often_as_one_likes(tmp_path: Path) -> None:
    proved(tmp_path, 4)
    assert {configurator(tmp_path).setup.version for _ in range(9)} == {4}


def test_only_what_proved_itself_is_gone_back_to(tmp_path: Path) -> None:
    proved(tmp_path, 4)
    first = configurator(tmp_path)
    for version in (5, 6):
        first.request(desired(version))
        first.next()
    assert [configurator(tmp_path).setup.version for _ in range(3)] == [6, 6, 4]


def test_a_disk_that_takes_nothing_keeps_no_node_from_its_start_or_its_end(tmp_path: Path) -> None:
    first = configurator(tmp_path)
    first.request(desired(5))
    first.next()
    (tmp_path / "config.json.new").mkdir()
    one = configurator(tmp_path)
    assert one.setup.version == 5
    one.stopped_cleanly()


@pytest.mark.parametrize(
    "text", ["", "{", '{"current": {"version": 3, "settings": {"unknown": 1}}}']
)
def test_an_unreadable_stored_configuration_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    one = configurator(tmp_path)
    assert one.setup == INSTALLED
    assert "the stored configuration cannot be used" in str(one.reported().error)


def test_a_configuration_that_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    (tmp_path / "config.json.new").mkdir()
    one.request(desired(1))
    assert one.next()
    assert one.reported().version == 0
    assert "version 1" in str(one.reported().error)


def test_a_report_that_would_be_too_large_leaves_details_out(tmp_path: Path) -> None:
    one = configurator(tmp_path)
    cameras: list[JsonValue] = [{**CAMERA, "camera_id": f"C-{k:04}"} for k in range(1500)]
    one.request(desired(1, cameras=cameras))
    one.next()
    assert len(json.dumps(one.reported().model_dump())) <= MAX_JSON_BYTES
    assert (one.reported().version, one.reported().settings) == (1, {})


def test_an_unreadable_stored_configuration_keeps_its_passwords(tmp_path: Path) -> None:
    stored = {"current": {"version": "three", "settings": {"cameras": [SECRET]}}}
    (tmp_path / "config.json").write_text(json.dumps(stored))
    error = str(configurator(tmp_path).reported().error)
    assert "current.version" in error
    assert SECRET not in error
