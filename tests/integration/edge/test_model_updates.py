"""A node that is sent models, good and bad ones, over a real broker and a real web server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.signing import public_text
from tests.integration.edge.conftest import (
    PROGRAMS,
    FilmingCamera,
    Hub,
    exit_code,
    running,
    wait_until,
)
from tests.integration.edge.model_server import ModelServer, model_server
from tests.integration.edge.test_node import BROKEN, health
from tests.integration.edge.test_remote_config import C_001
from wire.messages import DesiredModel, DeviceConfig, EdgeStatus, ModelState, ReportedModel
from wire.topics import Leaf

NODE = PROGRAMS / "painted_node.py"
ONE_VIEW = {**C_001, "tiles": "off"}
"""Looks are counted by what the detector is shown: no tiles, also before a configuration comes."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ModelServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    with model_server(folder) as serving:
        yield serving


@pytest.fixture
def environ(node_environ: dict[str, str], server: ModelServer) -> dict[str, str]:
    cameras = Path(node_environ["PATROLHUB_EDGE_CAMERAS"])
    cameras.write_text(json.dumps([ONE_VIEW]), encoding="utf-8")
    own = {
        "MODEL_KEY": public_text(server.key),
        "SHADOW_LOOKS": "4",
        "SHADOW_SLOWEST": "50",
    }
    return node_environ | {f"PATROLHUB_EDGE_{name}": value for name, value in own.items()}


@pytest.fixture(autouse=True)
def brisk(hub: Hub, camera: FilmingCamera) -> None:
    """The node looks once a second, at one view of a broken cover."""
    settings = {"heartbeat_day_s": 1, "cameras": [ONE_VIEW]}
    hub.desire(Leaf.CONFIG_DESIRED, DeviceConfig(version=1, settings=settings))
    camera.show(lambda: BROKEN)


def reports(hub: Hub) -> list[ReportedModel]:
    return [ReportedModel.model_validate_json(one) for one in hub.payloads(Leaf.MODELS_REPORTED)]


def steps(hub: Hub, desired: DesiredModel) -> list[ModelState | None]:
    """The states that a desired model has gone through, each once."""
    states = [one.state for one in reports(hub) if one.desired_version == desired.version]
    return list(dict.fromkeys(states))


def wait_for(hub: Hub, desired: DesiredModel, state: ModelState) -> ReportedModel:
    wait_until(lambda: state in steps(hub, desired), 60, state)
    return next(
        one
        for one in reversed(reports(hub))
        if (one.desired_version, one.state) == (desired.version, state)
    )


def test_a_good_model_is_fetched_tried_and_taken_step_by_step_and_stays_over_a_restart(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2"))
    with running(NODE, environ=environ) as node:
        wait_until(lambda: bool(reports(hub)), 20, "the installed one is reported")
        hub.desire(Leaf.MODELS_DESIRED, desired)
        taken = wait_for(hub, desired, ModelState.ACTIVE)
        wait_until(lambda: node.has_said("model_proved"), 60, "it proves itself")
        wait_until(lambda: health(hub).model.version == "2", 20, "health names it")
        node.kill()
    assert steps(hub, desired) == ["downloading", "verifying", "shadow", "active"]
    assert (taken.version, taken.model_version, taken.error) == (desired.version, "2", None)
    assert taken.shadow is not None
    assert (taken.shadow.looks, taken.shadow.failures) == (4, 0)
    births = [EdgeStatus.model_validate_json(one) for one in hub.payloads(Leaf.STATUS)]
    assert [birth.models[0].version for birth in births[:2]] == ["1", "2"]
    asked = len(server.asked)
    with running(NODE, environ=environ) as node:
        wait_until(lambda: reports(hub)[-1].version == desired.version, 20, "it is in use again")
        assert node.stop() == 0
    assert len(server.asked) == asked == 1


def test_an_older_model_comes_back_only_by_a_permit_and_only_once(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    newer, older = server.paint_model("2"), server.paint_model("1.5")
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.MODELS_DESIRED, server.request(newer))
        wait_until(lambda: node.has_said("model_proved"), 60, "the newer one proves itself")
        bare = server.request(older)
        hub.desire(Leaf.MODELS_DESIRED, bare)
        refusal = wait_for(hub, bare, ModelState.REFUSED)
        assert "1.5 is older than 2, which has run on this node" in str(refusal.error)
        permitted = server.permitted(older, "E-01", "2")
        hub.desire(Leaf.MODELS_DESIRED, permitted)
        wait_for(hub, permitted, ModelState.ACTIVE)
        wait_until(lambda: health(hub).model.version == "1.5", 20, "it is in use")
        assert node.stop() == 0


def refused(environ: dict[str, str], hub: Hub, desired: DesiredModel) -> ReportedModel:
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.MODELS_DESIRED, desired)
        report = wait_for(hub, desired, ModelState.REFUSED)
        assert node.stop() == 0
    assert (report.version, report.model_version) == (0, "1")
    assert str(report.error).startswith(f"version {desired.version}: ")
    return report


def test_a_file_with_another_hash_than_the_one_signed_is_refused(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    archive = server.paint_model("2")
    desired = server.request(archive)
    archive.write_bytes(archive.read_bytes().replace(b"paint", b"pains"))
    assert "another sha256" in str(refused(environ, hub, desired).error)
    assert server.asked == [None, None]


def test_a_signature_of_somebody_else_is_refused_before_anything_is_fetched(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2"), Ed25519PrivateKey.generate())
    assert "signature does not match" in str(refused(environ, hub, desired).error)
    assert server.asked == []


def test_a_node_without_a_key_takes_no_model(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    del environ["PATROLHUB_EDGE_MODEL_KEY"]
    report = refused(environ, hub, server.request(server.paint_model("2")))
    assert "PATROLHUB_EDGE_MODEL_KEY" in str(report.error)
    assert server.asked == []


@pytest.mark.parametrize(
    ("manners", "words"),
    [
        ({"unloadable": True}, "no graph in it"),
        ({"slow_s": 1.0}, "ms per view"),
        ({"fails_at": 2}, "the paint is dry"),
    ],
)
def test_a_model_that_fails_its_shadow_evaluation_never_takes_over(
    environ: dict[str, str],
    hub: Hub,
    server: ModelServer,
    manners: dict[str, object],
    words: str,
) -> None:
    environ |= {"PATROLHUB_EDGE_SHADOW_SLOWEST": "3"} if "slow_s" in manners else {}
    report = refused(environ, hub, server.request(server.paint_model("2", **manners)))
    assert words in str(report.error)


def test_a_model_that_misses_a_confirmed_fault_never_takes_over(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2", blind=True))
    with running(NODE, environ={**environ, "PATROLHUB_EDGE_SHADOW_LOOKS": "1"}) as node:
        wait_until(lambda: len(hub.detections()) == 1, 30, "new")
        hub.desire(Leaf.MODELS_DESIRED, desired)
        report = wait_for(hub, desired, ModelState.REFUSED)
        assert node.stop() == 0
    assert "0 of 1 confirmed faults" in str(report.error)
    assert report.shadow is not None
    assert report.shadow.agreement == 0.0


def test_a_download_that_breaks_off_again_and_again_is_resumed_until_it_is_whole(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2"))
    server.bytes_each = 9000
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.MODELS_DESIRED, desired)
        wait_for(hub, desired, ModelState.ACTIVE)
        assert node.stop() == 0
    assert server.asked[:2] == [None, "bytes=9000-"]
    assert any("cut short" in str(one.error) for one in reports(hub))


def test_a_node_killed_in_the_middle_of_a_download_goes_on_from_there(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2"))
    server.bytes_each = 9000
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.MODELS_DESIRED, desired)
        wait_until(lambda: len(server.asked) == 1, 20, "it has begun")
        wait_until(lambda: "cut short" in str(reports(hub)[-1].error), 20, "it has broken off")
        node.kill()
    server.bytes_each = None
    with running(NODE, environ=environ) as node:
        wait_for(hub, desired, ModelState.ACTIVE)
        assert node.stop() == 0
    assert server.asked[-1] is not None


def test_a_model_that_fails_in_use_is_rolled_back_at_once_and_no_inference_is_lost(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2", fails_at=6))
    with running(NODE, environ=environ) as node:
        wait_until(lambda: bool(hub.detections()), 40, "what is in doubt is settled before")
        hub.desire(Leaf.MODELS_DESIRED, desired)
        report = wait_for(hub, desired, ModelState.ROLLED_BACK)
        assert (report.version, report.model_version) == (0, "1")
        assert "the paint is dry" in str(report.error)
        looked_at = health(hub).cameras[0].frames_looked_at
        wait_until(lambda: health(hub).cameras[0].frames_looked_at > looked_at, 30, "it goes on")
        assert node.stop() == 0
    assert ModelState.ACTIVE in steps(hub, desired)


def test_a_model_that_kills_the_node_again_and_again_is_left_for_the_one_before(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2", dies_at=6))
    with running(NODE, environ=environ) as node:
        hub.desire(Leaf.MODELS_DESIRED, desired)
        wait_until(lambda: node.process.poll() == 3, 60, "it dies")
    for _ in range(2):
        assert exit_code(NODE, environ=environ) == 3
    with running(NODE, environ=environ) as node:
        report = wait_for(hub, desired, ModelState.ROLLED_BACK)
        assert "ended 3 times" in str(report.error)
        assert (report.version, report.model_version) == (0, "1")
        wait_until(lambda: bool(hub.detections()), 40, "it sees again")
        assert node.stop() == 0


def test_a_shadow_model_that_kills_the_node_is_refused_after_three_times(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2", dies_at=2))
    hub.desire(Leaf.MODELS_DESIRED, desired)
    for _ in range(3):
        assert exit_code(NODE, environ=environ) == 3
    with running(NODE, environ=environ) as node:
        report = wait_for(hub, desired, ModelState.REFUSED)
        assert "ended 3 times during its shadow evaluation" in str(report.error)
        assert (report.version, report.model_version) == (0, "1")
        wait_until(lambda: bool(hub.detections()), 40, "it sees again")
        assert node.stop() == 0


def test_a_node_that_is_stopped_during_shadow_evaluations_holds_nothing_against_the_model(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.paint_model("2"))
    hub.desire(Leaf.MODELS_DESIRED, desired)
    for _ in range(3):
        with running(NODE, environ={**environ, "PATROLHUB_EDGE_SHADOW_LOOKS": "1000"}) as node:
            wait_until(lambda node=node: node.has_said('"shadow"'), 30, "shadow evaluation")
            assert node.stop() == 0
    with running(NODE, environ=environ) as node:
        wait_for(hub, desired, ModelState.ACTIVE)
        assert node.stop() == 0


def test_the_released_model_is_taken_in_its_own_place(
    environ: dict[str, str], hub: Hub, server: ModelServer
) -> None:
    desired = server.request(server.real_model("9.9.9"))
    with running("-m", "edge", "run", environ=environ) as node:
        wait_until(lambda: bool(reports(hub)), 30, "the installed one is reported")
        hub.desire(Leaf.MODELS_DESIRED, desired)
        report = wait_for(hub, desired, ModelState.ACTIVE)
        assert node.memory_mb() < 220
        wait_until(lambda: node.has_said("model_proved"), 60, "it proves itself")
        assert node.stop() == 0
    assert (report.name, report.model_version) == ("street", "9.9.9")
    assert report.shadow is not None
    assert report.shadow.failures == 0
