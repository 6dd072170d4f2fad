"""The command line, as a stranger meets it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firmware_sim.__main__ import app
from firmware_sim.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("district")
    command = ["district", "--terminals", "2", "--cameras", "1", "--villages", "12"]
    result = CliRunner().invoke(app, [*command, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def run(folder: Path, credentials: Path, *options: str) -> str:
    command = ["run", str(folder), "--credentials", str(credentials), *options]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    return " ".join(result.output.replace("│", " ").split())


@pytest.fixture
def credentials(folder: Path) -> Path:
    path = folder / "credentials.json"
    path.write_text(json.dumps({"T-0001": "a", "T-0002": "b", "C-001": "c"}))
    return path


def test_help_names_every_scenario():
    text = CliRunner().invoke(app, ["run", "--help"]).output
    assert all(name in text for name in SCENARIOS)


def test_missing_credentials_say_how_to_make_them(folder: Path):
    assert "hub devices provision" in run(folder, folder / "nowhere.json")


def test_a_device_without_a_password_is_named(folder: Path):
    partial = folder / "partial.json"
    partial.write_text('{"T-0001": "a"}')
    assert "T-0002, C-001" in run(folder, partial)


def test_an_unknown_scenario_is_refused(folder: Path, credentials: Path):
    assert "there is no scenario opera" in run(folder, credentials, "--scenario", "opera")


def test_an_unknown_fault_is_refused(folder: Path, credentials: Path):
    assert "lightning=1" in run(folder, credentials, "--fault", "lightning=1")


def test_a_folder_that_is_no_district_says_how_to_make_one(tmp_path: Path, credentials: Path):
    assert "firmware_sim district --out" in run(tmp_path, credentials)


def test_a_story_needs_its_reporter(tmp_path: Path, credentials: Path):
    command = ["district", "--terminals", "1", "--cameras", "1", "--villages", "12"]
    CliRunner().invoke(app, [*command, "--out", str(tmp_path)])
    told = run(tmp_path, credentials, "--scenario", "story")
    assert "there is no terminal T-0002" in told
