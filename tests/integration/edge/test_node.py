"""A whole node as a process: frames over the broker in, detections over the broker out."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from deploy.local.mosquitto import Mosquitto
from scenes import encode_jpeg
from tests import paint
from tests.integration.edge.conftest import PROGRAMS, FilmingCamera, Hub, running, wait_until
from wire.messages import EdgeHealth
from wire.topics import Leaf

NODE = PROGRAMS / "painted_node.py"


def painted(cover: tuple[int, int, int]) -> bytes:
    image = np.full((720, 1280, 3), 110, np.uint8)
    image[420:480, 560:640] = cover
    return encode_jpeg(image)


GOOD, BROKEN = painted(paint.GOOD), painted(paint.BROKEN)


def health(hub: Hub) -> EdgeHealth:
    return EdgeHealth.model_validate_json(hub.payloads(Leaf.HEALTH)[-1])


def bad_frames(hub: Hub) -> int:
    return health(hub).cameras[0].frames_bad if hub.payloads(Leaf.HEALTH) else 0


def test_a_fault_is_published_once_with_its_picture_and_cleared_once(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    camera.show(lambda: BROKEN)
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
        node.kill()
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: hub.states()[-2:] == ["offline", "online"], 20, "it is back")
        before = len(hub.payloads(Leaf.HEALTH))
        wait_until(
            lambda: (
                len(hub.payloads(Leaf.HEALTH)) > before
                and health(hub).cameras[0].frames_looked_at > 0
            ),
            20,
            "it looks again",
        )
        camera.show(lambda: GOOD)
        wait_until(lambda: len(hub.detections()) == 2, 40, "cleared")
        assert node.stop() == 0
    new, cleared = hub.detections()
    assert (new.type, cleared.type) == ("new", "cleared")
    assert (new.detection_id, new.seq + 1) == (cleared.detection_id, cleared.seq)
    evidence = hub.payloads(Leaf.EVIDENCE)
    named = [new.evidence, *(shot.evidence for shot in new.shots), cleared.evidence]
    assert [sha256(jpeg).hexdigest() for jpeg in evidence] == named
    leaves = [address.leaf for address, _ in hub.heard]
    assert leaves.index(Leaf.EVIDENCE) < leaves.index(Leaf.DETECTIONS)
    wait_until(lambda: hub.states()[-1] == "offline", 20, "it says that it leaves")


def test_garbage_and_huge_payloads_are_counted_and_stop_nothing(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: node.has_said("frames_subscribed"), 10, "it listens")
        for count, bad in enumerate((b"", b"garbage", BROKEN[:9000], bytes(600 * 1024)), start=1):
            camera.send(bad)
            wait_until(lambda count=count: bad_frames(hub) == count, 10, f"{count} are counted")
        camera.send(bytes(10 * 1024 * 1024))
        camera.show(lambda: BROKEN)
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
        assert bad_frames(hub) == 4
        assert node.memory_mb() < 150
        assert node.stop() == 0


def test_the_node_outlives_the_broker(
    node_environ: dict[str, str], broker: Mosquitto, hub: Hub, camera: FilmingCamera
) -> None:
    camera.show(lambda: GOOD)
    with running(NODE, environ=node_environ) as node:
        wait_until(lambda: bool(hub.payloads(Leaf.HEALTH)), 20, "health comes")
        broker.kill()
        wait_until(lambda: node.has_said("uplink_lost"), 10, "it notices")
        broker.start()
        camera.show(lambda: BROKEN)
        wait_until(lambda: len(hub.detections()) == 1, 60, f"new: {node.lines[-5:]}")
        assert node.stop() == 0


def test_birth_configuration_and_health_say_what_runs(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    camera.show(lambda: GOOD)
    with running(NODE, environ=node_environ):
        wait_until(
            lambda: bool(hub.payloads(Leaf.HEALTH)) and health(hub).cameras[0].frames_looked_at > 0,
            20,
            "it looks",
        )
    birth = json.loads(hub.payloads(Leaf.STATUS)[0])
    assert (birth["state"], birth["models"][0]["name"]) == ("online", "paint")
    reported = json.loads(hub.payloads(Leaf.CONFIG_REPORTED)[0])
    assert reported["settings"]["edge_id"] == "E-01"
    assert node_environ["PATROLHUB_EDGE_MQTT_PASSWORD"] not in json.dumps(reported)
    assert {"gate", "infer"} <= set(health(hub).stage_ms)
    assert health(hub).cameras[0].newest_frame_age_s is not None


def test_a_node_whose_detector_fails_ends_at_once_and_says_why(
    node_environ: dict[str, str], camera: FilmingCamera
) -> None:
    camera.show(lambda: BROKEN)
    with running(NODE, environ={**node_environ, "PAINT_FAILS": "1"}) as node:
        wait_until(lambda: node.process.poll() is not None, 20, "it ends")
        assert node.process.returncode == 1
        wait_until(lambda: node.has_said("no paint left"), 5, "it says why")


def test_a_node_whose_database_was_damaged_begins_a_new_one_and_says_so(
    node_environ: dict[str, str], hub: Hub
) -> None:
    data = Path(node_environ["PATROLHUB_EDGE_DATA_DIR"])
    data.mkdir()
    (data / "edge.db").write_bytes(b"not a database" * 1000)
    with running(NODE, environ=node_environ) as node:
        assert node.has_said("database_damaged")
        wait_until(lambda: bool(hub.payloads(Leaf.HEALTH)), 20, "it works")
        assert node.stop() == 0


def test_a_node_over_a_folder_needs_no_camera_on_the_broker(
    node_environ: dict[str, str], hub: Hub, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.jpg").write_bytes(BROKEN)
    cameras = [{"camera_id": "C-002", "source": f"folder:{pictures}", "place": [103.82, 25.61]}]
    Path(node_environ["PATROLHUB_EDGE_CAMERAS"]).write_text(json.dumps(cameras), encoding="utf-8")
    with running(NODE, environ=node_environ):
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
    (tail,) = [address.tail for address, _ in hub.heard if address.leaf is Leaf.DETECTIONS]
    assert tail == "C-002"
