"""A node that is told by the hub what to watch, and how."""

import json
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.mosquitto import Mosquitto
from hub.devices.desired_signing import DesiredSigner
from models.signing import public_text
from scenes import encode_jpeg
from tests.integration.edge.conftest import (
    PROGRAMS,
    FilmingCamera,
    Hub,
    exit_code,
    running,
    wait_until,
)
from tests.integration.edge.test_node import BROKEN, GOOD, health
from wire import topics
from wire.messages import DeviceConfig
from wire.topics import Kind, Leaf

NODE = PROGRAMS / "painted_node.py"
C_001 = {"camera_id": "C-001", "source": "mqtt", "place": [103.82, 25.61], "coverage_m": 40}


def reported(hub: Hub) -> DeviceConfig:
    return DeviceConfig.model_validate_json(hub.payloads(Leaf.CONFIG_REPORTED)[-1])


def runs(hub: Hub, version: int) -> bool:
    return bool(hub.payloads(Leaf.CONFIG_REPORTED)) and reported(hub).version == version


def watched(hub: Hub) -> list[str]:
    return [camera.camera_id for camera in health(hub).cameras]


def test_cameras_come_change_and_go_without_a_restart_and_without_the_broker_after_one(
    node_environ: dict[str, str],
    broker: Mosquitto,
    hub: Hub,
    camera: FilmingCamera,
    tmp_path: Path,
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.jpg").write_bytes(BROKEN)
    folder = {"camera_id": "C-002", "source": f"folder:{pictures}", "place": [103.83, 25.6]}
    camera.show(lambda: GOOD)
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: runs(hub, 0), 20, "it runs as installed")
        hub.desire(
            Leaf.CONFIG_DESIRED, DeviceConfig(version=1, settings={"cameras": [C_001, folder]})
        )
        wait_until(lambda: runs(hub, 1), 20, "it takes it")
        wait_until(lambda: len(hub.detections()) == 1, 40, "the new camera's fault is published")
        wait_until(lambda: watched(hub) == ["C-001", "C-002"], 20, "health shows both")
        assert health(hub).cameras[0].frames_in > 5
        hub.desire(Leaf.CONFIG_DESIRED, DeviceConfig(version=2, settings={"cameras": [folder]}))
        wait_until(lambda: watched(hub) == ["C-002"], 30, "the other one goes")
        node.kill()
    broker.stop()
    with running(NODE, environ=node_environ) as node:
        assert '"cameras": 1' in next(line for line in node.lines if '"started"' in line)
        broker.start()
        wait_until(lambda: watched(hub) == ["C-002"], 60, "it watches as told before")
        assert node.stop() == 0
    cameras = json.loads(hub.payloads(Leaf.CONFIG_REPORTED)[-1])["settings"]["cameras"]
    assert [one["camera_id"] for one in cameras] == ["C-002"]


def test_a_bad_configuration_is_refused_with_its_reason_and_the_node_goes_on(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    camera.show(lambda: BROKEN)
    with running(NODE, environ=node_environ) as node:
        hub.desire(
            Leaf.CONFIG_DESIRED, DeviceConfig(version=7, settings={"thresholds": {"cat": 0.5}})
        )
        wait_until(
            lambda: runs(hub, 0) and "no class cat" in str(reported(hub).error), 20, "it says why"
        )
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
        hub.desire(Leaf.CONFIG_DESIRED, DeviceConfig(version=8, settings={"health_every_s": 1.5}))
        wait_until(lambda: runs(hub, 8) and reported(hub).error is None, 20, "it takes the next")
        assert node.stop() == 0


def test_a_configuration_that_kills_the_node_three_times_is_taken_back(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera, tmp_path: Path
) -> None:
    deadly = tmp_path / "deadly.jpg"
    deadly.write_bytes(encode_jpeg(np.zeros((360, 640, 3), np.uint8)))
    cameras = [C_001, {**C_001, "camera_id": "C-002", "source": f"file:{deadly}"}]
    hub.desire(Leaf.CONFIG_DESIRED, DeviceConfig(version=5, settings={"cameras": cameras}))
    camera.show(lambda: BROKEN)
    for _ in range(3):
        assert exit_code(NODE, environ=node_environ) == 3
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: runs(hub, 0), 60, "it runs as installed")
        wait_until(lambda: "version 5: the node ended 3" in str(reported(hub).error), 60, "why")
        wait_until(lambda: len(hub.detections()) == 1, 60, "it sees again")
        assert node.stop() == 0
    assert reported(hub).version == 0


def test_nonsense_on_the_topics_of_desired_states_stops_nothing(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    class Nonsense(DeviceConfig):
        version: str = "seven"  # type: ignore[assignment]

    camera.show(lambda: BROKEN)
    with running(NODE, environ=node_environ) as node:
        hub.desire(Leaf.CONFIG_DESIRED, Nonsense())
        hub.desire(Leaf.MODELS_DESIRED, Nonsense())
        wait_until(
            lambda: sum("desired_state_unreadable" in line for line in node.lines) == 2, 20, "heard"
        )
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
        assert node.stop() == 0


def test_a_node_with_the_hubs_key_follows_only_what_the_hub_has_signed(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    key = Ed25519PrivateKey.generate()
    environ = node_environ | {"PATROLHUB_EDGE_HUB_KEY": public_text(key)}
    topic = topics.device("530303", Kind.EDGE, "E-01", Leaf.CONFIG_DESIRED)
    wished = DeviceConfig(version=3, settings={"health_every_s": 1.5})
    camera.show(lambda: BROKEN)
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.CONFIG_DESIRED, wished)
        wait_until(
            lambda: runs(hub, 0) and "has not signed it" in str(reported(hub).error), 20, "why"
        )
        hub.desire(Leaf.CONFIG_DESIRED, DesiredSigner(key).signed(topic, wished))
        wait_until(lambda: runs(hub, 3) and reported(hub).error is None, 20, "it takes it")
        assert node.stop() == 0
