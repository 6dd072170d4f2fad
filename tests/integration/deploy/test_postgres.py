"""The embedded server starts whatever the locale of the machine, and is the same everywhere."""

import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from deploy.local.postgres import postgres


@pytest.mark.parametrize("name", ["LANG", "LC_ALL"])
def test_a_locale_that_is_not_installed_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv(name, "zz_ZZ.UTF-8")
    # Not below pytest's folder, which another run beside this one closes to the server's user.
    with (
        tempfile.TemporaryDirectory(prefix="patrolhub-test-") as folder,
        postgres(Path(folder) / "pgdata") as url,
        psycopg.connect(url) as db,
    ):
        row = db.execute("SELECT datcollate FROM pg_database WHERE datname = 'postgres'").fetchone()
    assert row == ("C.UTF-8",)
    assert os.environ[name] == "zz_ZZ.UTF-8"
