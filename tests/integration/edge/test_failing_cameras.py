"""A whole node whose cameras answer over HTTP, die and come back."""

import json
from pathlib import Path

import pytest

from tests.integration.edge.conftest import Hub, running, wait_until
from tests.integration.edge.http_camera import digest, http_camera, picture
from tests.integration.edge.test_node import BROKEN, NODE, health
from wire.messages import CameraHealth, CameraState
from wire.topics import Leaf

USER, SECRET = "operator", "never-in-a-log"


def camera_health(hub: Hub) -> CameraHealth | None:
    return health(hub).cameras[0] if hub.payloads(Leaf.HEALTH) else None


def is_in(hub: Hub, state: CameraState) -> bool:
    camera = camera_health(hub)
    return camera is not None and camera.state is state


@pytest.fixture
def node_with_a_web_camera(node_environ: dict[str, str]) -> dict[str, str]:
    file = Path(node_environ["PATROLHUB_EDGE_CAMERAS"])
    with http_camera({}) as port:
        source = f"http://{USER}:{SECRET}@127.0.0.1:{port}/now.jpg?key={SECRET}"
    camera = {"camera_id": "C-001", "source": source, "every_s": 0.2, "place": [103.82, 25.61]}
    file.write_text(json.dumps([camera]), encoding="utf-8")
    return {**node_environ, "CAMERA_PORT": str(port)}


def test_a_camera_that_is_down_comes_back_and_its_password_stays_secret(
    node_with_a_web_camera: dict[str, str], hub: Hub
) -> None:
    port = int(node_with_a_web_camera["CAMERA_PORT"])
    answers = {f"/now.jpg?key={SECRET}": digest(USER, SECRET, picture(BROKEN))}
    with running(NODE, environ=node_with_a_web_camera) as node:
        wait_until(lambda: is_in(hub, CameraState.DOWN), 20, "the node says that it is down")
        with http_camera(answers, port):
            wait_until(lambda: len(hub.detections()) == 1, 40, "new")
            wait_until(lambda: is_in(hub, CameraState.UP), 20, "the node says that it is up")
        wait_until(lambda: is_in(hub, CameraState.DOWN), 20, "the node says that it is down")
        last = camera_health(hub)
        assert last is not None
        assert (last.outages, last.frames_bad) == (2, 0)
        assert "refused" in (last.reason or "")
        assert node.stop() == 0
    assert node.has_said("camera_lost")
    assert node.has_said("camera_back")
    texts = [*node.lines, *(str(payload) for _, payload in hub.heard)]
    assert not [text for text in texts if SECRET in text or USER in text]
