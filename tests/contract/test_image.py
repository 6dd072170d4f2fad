"""deploy/Dockerfile copies what is there, and everything that the programs need."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "deploy" / "Dockerfile").read_text("utf-8").splitlines()
COPIED = [
    source
    for line in LINES
    if line.startswith("COPY ") and "--from" not in line
    for source in line.split()[1:-1]
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_everything_that_is_copied_exists():
    assert COPIED
    assert [source for source in COPIED if not (ROOT / source).exists()] == []


def test_every_package_but_deployment_and_benchmarks_is_copied():
    packages = PROJECT["tool"]["mypy"]["packages"]
    assert {f"{name}/" for name in packages} - {"deploy/", "bench/"} <= set(COPIED)


def test_base_images_have_an_exact_version():
    bases = [line.split()[1] for line in LINES if line.startswith("FROM ")]
    assert len(bases) == 2
    assert [base for base in bases if not re.fullmatch(r"\w+:\d+\.\d+\.\d+-[\w-]+", base)] == []


def test_the_image_carries_the_version_of_the_project():
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert re.findall(r"image: patrolhub:(\S+)", compose) == [PROJECT["project"]["version"]]
