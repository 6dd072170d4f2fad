import json
from pathlib import Path

import pytest

from edge.settings import (
    BadSettings,
    UnknownSetting,
    checked_cameras,
    read_cameras,
    read_settings,
)
from edge.sources.address import FileAddress, MqttAddress

ENOUGH = {
    "PATROLHUB_EDGE_EDGE_ID": "E-01",
    "PATROLHUB_EDGE_DISTRICT": "530303",
    "PATROLHUB_EDGE_MQTT_PASSWORD": "secret-of-the-node",
    "PATROLHUB_EDGE_CAMERAS": "cameras.json",
    "PATROLHUB_EDGE_DATA_DIR": "data",
}


def test_variables_fill_the_settings_and_flags_win() -> None:
    settings = read_settings(
        {**ENOUGH, "PATROLHUB_EDGE_MQTT_PORT": "1999", "PATH": "/bin"},
        {"mqtt_host": "broker", "mqtt_port": None, "edge_id": "E-02"},
    )
    assert (settings.mqtt_host, settings.mqtt_port) == ("broker", 1999)
    assert settings.edge_id == "E-02"


def test_a_misspelt_variable_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownSetting, match="PATROLHUB_EDGE_MQTT_PROT"):
        read_settings({**ENOUGH, "PATROLHUB_EDGE_MQTT_PROT": "1"}, {})


@pytest.mark.parametrize("missing", sorted(ENOUGH))
def test_what_is_missing_is_named(missing: str) -> None:
    environ = {name: value for name, value in ENOUGH.items() if name != missing}
    with pytest.raises(BadSettings, match=missing):
        read_settings(environ, {})


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_unreadable_authorities_of_cameras_are_reported_at_the_start(
    tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "authorities.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(
        BadSettings, match=r"CAMERA_CA_FILE.*authorities\.pem holds no certificates"
    ):
        read_settings({**ENOUGH, "PATROLHUB_EDGE_CAMERA_CA_FILE": str(file)}, {})


def test_the_password_is_not_reported_nor_printed() -> None:
    settings = read_settings(ENOUGH, {})
    assert "secret-of-the-node" not in json.dumps(settings.reported())
    assert "secret-of-the-node" not in repr(settings)


def test_an_error_does_not_repeat_the_password() -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({**ENOUGH, "PATROLHUB_EDGE_MQTT_PORT": "zero"}, {})
    assert "secret-of-the-node" not in str(refused.value)
    assert "PATROLHUB_EDGE_MQTT_PORT" in str(refused.value)


def cameras_file(folder: Path, *cameras: dict[str, object]) -> Path:
    path = folder / "cameras.json"
    path.write_text(json.dumps(cameras), encoding="utf-8")
    return path


CAMERA = {"camera_id": "C-001", "source": "mqtt", "place": [103.82, 25.61]}


def test_cameras_are_read_with_their_sources(tmp_path: Path) -> None:
    path = cameras_file(
        tmp_path,
        {**CAMERA, "homography": None, "expected": None},
        {**CAMERA, "camera_id": "C-002", "source": "folder:/some/where", "every_s": 60},
    )
    by_mqtt, by_folder = read_cameras(path)
    assert by_mqtt.address == MqttAddress()
    assert by_folder.address == FileAddress(Path("/some/where"))
    assert (by_mqtt.silent_after_s, by_folder.silent_after_s) == (30, 180)


def test_a_cameras_password_is_in_no_text_form() -> None:
    listed = [{**CAMERA, "source": "rtsp://operator:secret@cam/live"}]
    (camera,) = checked_cameras(listed)
    assert "secret" not in f"{camera!r} {camera.model_dump_json()} {camera.address}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"source": "rtspx://a:secret@b"}, "C-001, source: is of an unknown kind; write mqtt"),
        ({"source": "rtsp://a:sec#ret@b"}, "C-001, source: has a host or a port"),
        ({"every_s": 0}, "C-001, every_s: "),
        ({"camera_id": 5}, "camera number 2, camera_id: "),
        ({"homography": [[0.1, 0.1, 103.0, 25.0]]}, "C-001: 1 calibration points, at least 4"),
        ({"coverage": 40}, "C-001, coverage: Extra"),
    ],
)
def test_a_wrong_camera_is_named_with_the_reason_and_without_secrets(
    wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        checked_cameras([{**CAMERA, "camera_id": "C-000"}, {**CAMERA, **wrong}])
    assert said in str(refused.value)
    assert "sec" not in str(refused.value)


@pytest.mark.parametrize("listed", [{}, None, "mqtt", [1], [None]])
def test_what_is_no_list_of_cameras_is_refused(listed: object) -> None:
    with pytest.raises(BadSettings):
        checked_cameras(listed)


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    for content in (b"[{", b"\xff\xfe"):
        (tmp_path / "cameras.json").write_bytes(content)
        with pytest.raises(BadSettings, match=r"cameras\.json: it is not JSON"):
            read_cameras(tmp_path / "cameras.json")


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "rtspx"},
        {"place": [103.82, 125.0]},
        {"coverage": 40},
        {"camera_id": "C 1"},
        {"homography": [[0.1, 0.1, 103.0, 25.0]]},
    ],
)
def test_a_wrong_camera_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        read_cameras(cameras_file(tmp_path, {**CAMERA, **wrong}))


def test_no_camera_and_a_camera_twice_are_refused(tmp_path: Path) -> None:
    for cameras in ([], [CAMERA, CAMERA]):
        with pytest.raises(BadSettings, match="only once"):
            read_cameras(cameras_file(tmp_path, *cameras))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="nowhere"):
        read_cameras(tmp_path / "nowhere.json")
