"""`python -m hub journal keygen | anchor | verify`, as an operator runs them."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.db import Connection
from hub.journal import NewEntry, Subject, append_all

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["journal", *arguments], env={"COLUMNS": "400"})


@pytest.fixture
async def anchored(
    monkeypatch, database_url: str, tmp_path: Path, db: Connection
) -> dict[str, Path]:
    """The settings of a hub with a journal of three entries."""
    files = {name: tmp_path / name for name in ("key", "anchors")}
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PATROLHUB_JOURNAL_KEY_FILE", str(files["key"]))
    monkeypatch.setenv("PATROLHUB_JOURNAL_ANCHOR_FILE", str(files["anchors"]))
    for number in range(3):
        entry = NewEntry(Subject.DEVICE, f"T-{number}", "noted", "system:test", AT)
        await append_all(db, [entry])
    await db.commit()
    return files


def test_a_journal_is_anchored_and_verified(anchored: dict[str, Path]) -> None:
    assert run("keygen", str(anchored["key"])).exit_code == 0
    assert run("anchor").stdout == "anchored\n"
    assert run("anchor").stdout == "nothing new since the newest anchor\n"
    good = run("verify")
    assert (good.exit_code, "3 entries and 1 anchors checked, 0 findings" in good.stdout) == (
        0,
        True,
    )


def test_what_was_cut_off_is_told_with_what_to_do(
    anchored: dict[str, Path], database_url: str
) -> None:
    public_key = run("keygen", str(anchored["key"])).stdout.strip()
    run("anchor")
    with psycopg.connect(database_url) as db:
        db.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        db.execute("DELETE FROM journal WHERE position = 3")
        db.execute("ALTER TABLE journal ENABLE TRIGGER USER")
    anchored["key"].unlink()
    found = run("verify", "--anchors", str(anchored["anchors"]), "--public-key", public_key)
    assert found.exit_code == 1
    assert "after entry 2: 1 entries are gone that were there at" in found.stderr
    assert "journal anchor --restored REASON" in found.stderr
    assert run("anchor").exit_code == 2, "the key is gone"


def test_after_a_restore_that_was_said_all_is_well(
    anchored: dict[str, Path], database_url: str
) -> None:
    run("keygen", str(anchored["key"]))
    run("anchor")
    with psycopg.connect(database_url) as db:
        db.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        db.execute("DELETE FROM journal WHERE position = 3")
        db.execute("ALTER TABLE journal ENABLE TRIGGER USER")
    refused = run("anchor")
    assert (refused.exit_code, "is not what was anchored at" in refused.stderr) == (2, True)
    assert run("anchor", "--restored", "the disk failed").exit_code == 0
    assert run("verify").exit_code == 0


def test_without_anchors_it_says_what_it_cannot_find(monkeypatch, anchored) -> None:
    for name in ("KEY", "ANCHOR"):
        monkeypatch.delenv(f"PATROLHUB_JOURNAL_{name}_FILE")
    answer = run("verify")
    assert answer.exit_code == 0
    assert "without anchors" in answer.stderr
    assert "the role of this command can change the journal (postgres may " in answer.stderr
