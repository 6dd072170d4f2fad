"""docker-compose.yml agrees with the programs, settings and files that it names."""

import re
import shlex
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from edge.settings import read_settings as read_edge_settings
from hub.settings import read_settings as read_hub_settings
from hub.video.mediamtx_hook import router as mediamtx_router
from tests.contract.programs import unknown_options

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")
EXACT_TAG = re.compile(r"[\w./-]+:\d+(\.\d+)+(-\w+)?")


def filled(value: Any) -> Any:
    """The value with each variable's default, or `secret` where it must be given."""
    match value:
        case str():
            return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "secret", value)
        case dict():
            return {name: filled(inner) for name, inner in value.items()}
        case list():
            return [filled(inner) for inner in value]
        case _:
            return value


COMPOSE = filled(yaml.safe_load(TEXT))
SERVICES: dict[str, Any] = COMPOSE["services"]
ONE_SHOTS = {name for name, service in SERVICES.items() if service["restart"] == "no"}
OURS = {name for name, service in SERVICES.items() if "build" in service}


def invocations(service: Mapping[str, Any]) -> Iterator[list[str]]:
    """The arguments after `python -m` of everything of ours that a service runs."""
    if "entrypoint" not in service:
        yield service["command"]
        return
    assert service["entrypoint"] == ["sh", "-ec"]
    for line in re.findall(r"python -m ([^\n|&;]+)", service["command"][0]):
        yield shlex.split(line)


def runs(part: str) -> set[str]:
    return {name for name in OURS if any(each[0] == part for each in invocations(SERVICES[name]))}


def wants(name: str) -> set[str]:
    """What a service waits for, and whose network it shares."""
    mode = SERVICES[name].get("network_mode", "")
    shared = {mode.removeprefix("service:")} if mode.startswith("service:") else set()
    return set(SERVICES[name].get("depends_on", {})) | shared


def published(name: str) -> set[str]:
    return {re.split(r"[:/]", port.removesuffix("/udp"))[-1] for port in SERVICES[name]["ports"]}


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_an_exact_version(name: str):
    assert EXACT_TAG.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOTS))
def test_a_service_starts_again_and_tells_its_health(name: str):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_the_one_shots_are_known():
    assert sorted(ONE_SHOTS) == ["district", "migrate"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_can_come_true(name: str):
    assert wants(name) <= SERVICES.keys()
    for target, how in SERVICES[name].get("depends_on", {}).items():
        ends = how["condition"] == "service_completed_successfully"
        assert ends == (target in ONE_SHOTS)
        assert ends or how["condition"] == "service_healthy"


def test_no_service_waits_for_itself():
    TopologicalSorter({name: wants(name) for name in SERVICES}).prepare()


def test_every_volume_is_declared_and_used_and_every_file_exists():
    named = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file(), source
            else:
                named.add(source)
    assert named == COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", sorted(runs("hub")))
def test_the_hubs_settings_are_known_complete_and_valid(name: str, monkeypatch: pytest.MonkeyPatch):
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    settings = read_hub_settings()
    assert settings.mqtt_password is not None
    assert settings.mediamtx_url == "http://localhost:8889"


def mounted(name: str) -> dict[str, str]:
    """The volumes of a service, by where they are mounted."""
    pairs = (volume.split(":")[:2] for volume in SERVICES[name].get("volumes", []))
    return {place: source for source, place in pairs}


def test_the_edge_nodes_settings_are_known_complete_and_valid(tmp_path: Path):
    (name,) = runs("edge")
    environment = dict(SERVICES[name]["environment"])
    secret = Path(environment["PATROLHUB_EDGE_MQTT_PASSWORD_FILE"])
    assert mounted(name)[str(secret.parent)] == "edge-secret"
    (tmp_path / "password").write_text("secret")
    environment["PATROLHUB_EDGE_MQTT_PASSWORD_FILE"] = str(tmp_path / "password")
    settings = read_edge_settings(environment, {})
    assert settings.cameras.name == f"{settings.edge_id}.cameras.json"
    assert secret.name == "password"
    assert mounted("district")[f"/data/secrets/{settings.edge_id}"] == "edge-secret"


def test_nobody_but_who_provisions_sees_everybodys_passwords():
    for source, allowed in (
        ("credentials", {"district"}),
        ("logins", {"district", "broker"}),
        ("edge-secret", {"district", "edge"}),
        ("simulator-secret", {"district", "simulator"}),
    ):
        assert {name for name in SERVICES if source in mounted(name).values()} == allowed


def test_the_simulator_needs_no_settings():
    (name,) = runs("firmware_sim") - ONE_SHOTS
    assert "environment" not in SERVICES[name]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_exists_and_knows_its_options(name: str):
    for arguments in invocations(SERVICES[name]):
        assert unknown_options(arguments) == set()


def test_the_example_of_the_environment_names_every_variable():
    example = (ROOT / "deploy" / "env.example").read_text("utf-8")
    required = {found[1] for found in VARIABLE.finditer(TEXT) if found[2] == "?"}
    optional = {(found[1], found[3]) for found in VARIABLE.finditer(TEXT) if found[2] == "-"}
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == required
    assert set(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE)) == optional
    assert len(re.findall("=", example)) == len(required) + len(optional)


def test_devices_reach_their_listener_and_nobody_else_the_hubs():
    broker = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text("utf-8")
    device_port, hub_port = re.findall(r"^listener (\d+)$", broker, re.MULTILINE)
    assert published("broker") == {device_port}
    for name in runs("hub"):
        assert SERVICES[name]["environment"]["PATROLHUB_MQTT_PORT"] == hub_port
    for name in runs("edge") | (runs("firmware_sim") - ONE_SHOTS):
        assert hub_port not in str(SERVICES[name])


def test_mediamtx_and_the_hub_know_each_other():
    config = yaml.safe_load((ROOT / "deploy" / "mediamtx" / "mediamtx.yml").read_text("utf-8"))
    hook = mediamtx_router.url_path_for("answer_mediamtx")
    assert config["authMethod"] == "http"
    assert config["authHTTPAddress"] == f"http://api:8080{hook}"
    assert config["authHTTPExclude"] == [{"action": "api"}]
    assert config["webrtcICEServers2"] == []
    assert config["pathDefaults"]["record"] is False
    (path,) = config["paths"]
    assert re.search(path.removeprefix("~"), str(uuid4()))
    assert not re.search(path.removeprefix("~"), f"{uuid4()}/more")
    environment = SERVICES["api"]["environment"]
    assert environment["PATROLHUB_MEDIAMTX_API_URL"] == f"http://mediamtx{config['apiAddress']}"
    media = config["webrtcAddress"], config["webrtcLocalUDPAddress"]
    assert published("mediamtx") == {address.removeprefix(":") for address in media}
