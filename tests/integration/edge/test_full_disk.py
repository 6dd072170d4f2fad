"""A node whose data lie on a disk that something else fills up."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.edge.conftest import (
    PROGRAMS,
    FilmingCamera,
    Hub,
    running,
    wait_until,
)
from tests.integration.edge.test_node import BROKEN, GOOD, health
from wire.topics import Leaf


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def storage(hub: Hub) -> str | None:
    return str(health(hub).storage) if hub.payloads(Leaf.HEALTH) else None


def test_a_node_with_a_full_disk_goes_on_and_publishes_the_fault_once_there_is_room(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera, small_disk: Path
) -> None:
    camera.show(lambda: GOOD)
    environ = {**node_environ, "PATROLHUB_EDGE_DATA_DIR": str(small_disk / "edge")}
    with running(PROGRAMS / "painted_node.py", environ=environ) as node:
        wait_until(lambda: storage(hub) == "ok", 20, "health comes")
        ballast = fill(small_disk)
        camera.show(lambda: BROKEN)
        wait_until(lambda: storage(hub) == "full", 40, "it says so")
        looked_at = health(hub).cameras[0].frames_looked_at
        wait_until(lambda: health(hub).cameras[0].frames_looked_at > looked_at, 40, "it looks on")
        assert node.process.poll() is None
        ballast.unlink()
        wait_until(lambda: len(hub.detections()) == 1, 60, "new")
        wait_until(lambda: storage(hub) == "ok", 20, "it is well again")
        assert node.stop() == 0
