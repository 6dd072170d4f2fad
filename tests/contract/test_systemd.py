"""The units of deploy/systemd start programs that exist, with settings that are valid, and locked in."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.settings import read_cameras
from edge.settings import read_settings as read_edge_settings
from edge.sources.address import HttpAddress, MqttAddress, RtspAddress
from hub.settings import read_settings as read_hub_settings
from tests.contract.programs import unknown_options

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "systemd"
GIVEN = "${CREDENTIALS_DIRECTORY}/cameras.json"
CAMERAS = FOLDER / "cameras.json.example"
UNITS = sorted(FOLDER.glob("*.service"))
PYTHON = "/opt/patrolhub/.venv/bin/python"


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Every line `NAME=value` of a unit."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def variables(name: str) -> Iterator[tuple[str, str]]:
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            variable, _, value = line.partition("=")
            yield variable, value


def test_each_long_running_program_has_a_unit():
    started = {settings_of(unit)["ExecStart"][0].split(" -m ")[1] for unit in UNITS}
    assert started == {
        "hub ingest --instance %i",
        "hub worker",
        "hub api",
        f"edge run --cameras {GIVEN}",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists(unit: Path):
    (command,) = settings_of(unit)["ExecStart"]
    program, flag, *arguments = command.split()
    assert (program, flag) == (PYTHON, "-m")
    assert unknown_options(arguments) == set()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_again_and_is_locked_in(unit: Path):
    settings = settings_of(unit)
    assert settings["Restart"] == ["always"]
    assert settings["NoNewPrivileges"] == ["yes"]
    assert settings["ProtectSystem"] == ["strict"]
    assert settings["CapabilityBoundingSet"] == [""]
    assert settings.get("User") == ["patrolhub"] or settings.get("DynamicUser") == ["yes"]
    program = "edge" if unit.name == "edge.service" else "hub"
    assert settings["EnvironmentFile"][0] == f"/etc/patrolhub/{program}.env"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path):
    copy = tmp_path / unit.name
    here = unit.read_text("utf-8").replace(PYTHON, sys.executable)
    copy.write_text(here.replace("/opt/patrolhub", str(ROOT)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_hubs_example_settings_are_valid(monkeypatch: pytest.MonkeyPatch):
    for variable, value in variables("hub.env.example"):
        monkeypatch.setenv(variable, value)
    settings = read_hub_settings()
    assert settings.mqtt_port == 1884
    state = settings_of(FOLDER / "hub-api.service")["StateDirectory"][0]
    assert settings.evidence_url == f"file:///var/lib/{state}/evidence"


def test_the_edge_nodes_example_settings_are_valid():
    settings = read_edge_settings(dict(variables("edge.env.example")), {"cameras": CAMERAS})
    state = settings_of(FOLDER / "edge.service")["StateDirectory"][0]
    assert settings.data_dir == Path("/var/lib") / state


def test_the_example_of_a_cameras_file_is_valid():
    kinds = [type(camera.address) for camera in read_cameras(CAMERAS)]
    assert kinds == [MqttAddress, RtspAddress, HttpAddress]
