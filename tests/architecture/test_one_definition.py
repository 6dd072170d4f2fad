"""What must be said in one place only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SOURCES = sorted(
    path
    for part in PARTS
    for ending in ("py", "sql")
    for path in (ROOT / part).rglob(f"*.{ending}")
)

_LOCK = re.compile(r"pg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\s*\(\s*([^,)\s]+)")


def lock_numbers(sql: str) -> Iterator[str]:
    """The number of each advisory lock that a text takes."""
    yield from _LOCK.findall(sql)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_advisory_lock_has_a_number_of_its_own():
    places: dict[str, list[str]] = {}
    for path in SOURCES:
        for number in lock_numbers(path.read_text("utf-8")):
            places.setdefault(number, []).append(named(path))
    assert {number: paths for number, paths in places.items() if len(paths) > 1} == {}
    assert all(number.isdecimal() for number in places), places


def test_only_the_clock_names_the_time_zone():
    naming = {named(path) for path in SOURCES if "Asia/Shanghai" in path.read_text("utf-8")}
    assert naming == {"hub/clock.py"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_advisory_lock(7009)",
        "SELECT pg_try_advisory_lock( 7009 )",
        "SELECT pg_advisory_xact_lock(7009, hashtext(%s))",
        "SELECT pg_try_advisory_xact_lock(7009);",
    ],
)
def test_a_lock_is_found(sql: str):
    assert list(lock_numbers(sql)) == ["7009"]
