"""Every variable that the project reads is described in docs/configuration.md, and no other."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

from edge.settings import CameraSettings

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SETTINGS = sorted(path for part in PARTS for path in (ROOT / part).rglob("settings.py"))
TEXT = (ROOT / "docs" / "configuration.md").read_text("utf-8")
DESCRIBED = dict(re.findall(r"^\| `(PATROLHUB_[A-Z0-9_]+)` \| (.+?) \|", TEXT, re.MULTILINE))
VARIABLE = re.compile(r"PATROLHUB_[A-Z0-9]+(_[A-Z0-9]+)*")


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def required_by_name(path: Path) -> dict[str, bool]:
    """Every variable of a settings module, and whether it must be given."""
    module = importlib.import_module(named(path))
    settings = get_type_hints(module.read_settings)["return"]
    fields = settings.model_fields.items()
    return {f"{module.PREFIX}{name.upper()}": field.is_required() for name, field in fields}


def spelled_variables(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and VARIABLE.fullmatch(str(node.value)):
            yield str(node.value)


def test_the_hub_and_the_edge_have_settings():
    assert {"hub.settings", "edge.settings"} <= {named(path) for path in SETTINGS}


@pytest.mark.parametrize("path", SETTINGS, ids=named)
def test_every_setting_is_described(path: Path):
    assert required_by_name(path).keys() - DESCRIBED.keys() == set()


@pytest.mark.parametrize("path", SETTINGS, ids=named)
def test_the_description_says_which_settings_must_be_given(path: Path):
    for variable, required in required_by_name(path).items():
        assert (DESCRIBED[variable] == "required") == required, variable


SOURCES = [path for part in PARTS for path in (ROOT / part).rglob("*.py")]
SOURCES.append(ROOT / "tests" / "conftest.py")


def test_no_setting_is_described_that_nobody_reads():
    read = set().union(*(required_by_name(path) for path in SETTINGS))
    read |= {variable for path in SOURCES for variable in spelled_variables(path)}
    assert DESCRIBED.keys() - read == set()


def test_every_variable_that_the_code_spells_is_described():
    spelled = {(variable, path) for path in SOURCES for variable in spelled_variables(path)}
    assert {(variable, path) for variable, path in spelled if variable not in DESCRIBED} == set()


def test_every_field_of_a_camera_is_described():
    text = (ROOT / "docs" / "cameras.md").read_text("utf-8")
    described = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert described >= set(CameraSettings.model_fields) - {"expected"}
