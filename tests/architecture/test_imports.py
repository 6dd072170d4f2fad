"""The directions of imports, as pyproject.toml states them under [tool.importlinter]."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
CONTRACTS = {contract["id"]: contract["name"] for contract in CONFIG["importlinter"]["contracts"]}


@pytest.mark.parametrize("contract", CONTRACTS, ids=CONTRACTS.get)
def test_a_contract_of_imports_is_kept(contract: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)
    status = lint_imports(limit_to_contracts=(contract,), no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS


def test_every_package_with_types_is_under_the_contracts():
    assert set(CONFIG["importlinter"]["root_packages"]) == set(CONFIG["mypy"]["packages"])
