"""What must be said in one place only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cases.case import OPEN, State

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SOURCES = sorted(
    path
    for part in PARTS
    for ending in ("py", "sql")
    for path in (ROOT / part).rglob(f"*.{ending}")
)
MIGRATIONS = ROOT / "hub" / "db" / "migrations"

_LOCK = re.compile(r"pg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\s*\(\s*([^,)\s]+)")
_LIST = re.compile(r"\b(?:IN|ANY)\s*\(([^()]*)\)|ARRAY\s*\[([^\]]*)\]", re.IGNORECASE)


def lock_numbers(sql: str) -> Iterator[str]:
    """The number of each advisory lock that a text takes."""
    yield from _LOCK.findall(sql)


def lists_of_case_states(sql: str) -> Iterator[frozenset[str]]:
    """The lists that name two or more states of a case."""
    for found in _LIST.finditer(sql):
        states = frozenset(State) & set(re.findall(r"'([A-Z_]+)'", found[0]))
        if len(states) > 1:
            yield states


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
    """And `local_month` in SQL, which what is stored depends on."""
    naming = {named(path) for path in SOURCES if "Asia/Shanghai" in path.read_text("utf-8")}
    assert naming == {"hub/clock.py", "hub/db/migrations/0056_tallies_of_indicators.sql"}


def spelled_lists() -> dict[frozenset[str], set[str]]:
    """The files in which the hub's queries spell each list of states, migrations aside."""
    places: dict[frozenset[str], set[str]] = {}
    for path in SOURCES:
        if path.is_relative_to(ROOT / "hub") and MIGRATIONS not in path.parents:
            for states in lists_of_case_states(path.read_text("utf-8")):
                places.setdefault(states, set()).add(named(path))
    return places


def test_no_query_spells_which_cases_have_ended():
    ended = frozenset(State) - OPEN
    assert {states: at for states, at in spelled_lists().items() if len(states & ended) > 1} == {}


def test_no_list_of_case_states_is_spelled_in_two_files():
    assert {states: at for states, at in spelled_lists().items() if len(at) > 1} == {}


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


@pytest.mark.parametrize(
    "sql",
    [
        "WHERE state NOT IN ('CLOSED', 'VOID')",
        "WHERE state in ('FILED',\n 'ROUTED')",
        "WHERE state = ANY(ARRAY['FILED', 'ROUTED'])",
    ],
)
def test_a_list_of_states_is_found(sql: str):
    assert list(lists_of_case_states(sql))


def test_a_single_state_and_other_words_are_no_list_of_states():
    assert not list(lists_of_case_states("WHERE state = 'CLOSED' AND kind IN ('OTHER', 'FILED')"))
