"""`python -m hub accounts …`, as an operator runs it."""

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.cli.running import out

PASSWORD = "of many words, this one"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", f"file://{tmp_path}")
    monkeypatch.setattr(out, "_width", 200)


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["accounts", *arguments], input=stdin)


def create(username: str, *options: str, password: str = PASSWORD) -> Result:
    return run(
        "create", username, "--role", "dispatcher", "--password-stdin", *options, stdin=password
    )


def test_an_account_is_made_listed_disabled_enabled_and_unlocked(database_url: str) -> None:
    assert create("seat-07", "--name", "座席员").exit_code == 0
    assert create("kept", "--keep-password").exit_code == 0
    listed = run("list").stdout.splitlines()
    assert any("seat-07" in line and "must change the password" in line for line in listed)
    assert any("kept" in line and "active" in line for line in listed)
    assert "0 sessions ended" in run("disable", "seat-07").stdout
    assert "disabled" in run("list").stdout
    assert run("enable", "seat-07").exit_code == 0
    assert "0 failed log-ins" in run("unlock", "seat-07").stdout
    assert run("password", "kept", "--password-stdin", stdin=f"{PASSWORD}!").exit_code == 0
    assert run("sessions", "kept").exit_code == 0
    assert "0 sessions of kept ended" in run("revoke", "kept").stdout
    with psycopg.connect(database_url) as db:
        kinds = db.execute(
            "SELECT kind, actor FROM journal WHERE subject_id = 'kept' ORDER BY journal_id"
        ).fetchall()
    assert kinds == [
        ("account_created", "user:cli"),
        ("password_set", "user:cli"),
        ("sessions_revoked", "user:cli"),
    ]


@pytest.mark.parametrize("command", ["disable", "enable", "unlock", "revoke"])
def test_an_account_that_is_not_there_is_named(command: str) -> None:
    answer = run(command, "nobody")
    assert (answer.exit_code, "there is no account nobody" in answer.stderr) == (2, True)


def test_a_password_that_is_guessed_first_is_refused_with_advice() -> None:
    answer = create("seat-07", password="123456789012")
    assert answer.exit_code == 2
    assert "easy to guess" in answer.stderr


def test_accounts_that_are_imported_change_their_password_unless_told() -> None:
    line = '{"username": "%s", "role": "king", "password": "of many words, this one"}'
    assert run("import", stdin=line % "a1").exit_code == 2, "there is no such role"
    line = line.replace("king", "dispatcher")
    assert run("import", stdin=line % "a1").exit_code == 0
    assert run("import", "--keep-password", stdin=line % "a2").exit_code == 0
    listed = run("list").stdout.splitlines()
    assert any("a1" in each and "must change" in each for each in listed)
    assert any("a2" in each and "active" in each for each in listed)


def add_two_units(database_url: str) -> None:
    with psycopg.connect(database_url) as db:
        db.execute(
            "INSERT INTO unit (unit_key, kind, level, name_zh, name_en) VALUES"
            " ('town_01', 'territory', 'township', '西平街道', 'Xiping'),"
            " ('sanitation', 'department', NULL, '环卫站', 'Sanitation')"
        )


@pytest.mark.parametrize(
    ("role", "options", "scope"),
    [
        ("viewer", ("--scope", "territory:town_01"), "territory:town_01"),
        ("dispatcher", ("--scope", "unit:sanitation"), "unit:sanitation"),
        ("dispatcher", ("--scope", "district"), "district"),
        ("seat_operator", (), "district"),
        ("unit_handler", ("--unit", "sanitation"), "unit:sanitation"),
        ("unit_handler", ("--scope", "unit:sanitation"), "unit:sanitation"),
        (
            "unit_handler",
            ("--unit", "town_01", "--scope", "territory:town_01"),
            "territory:town_01",
        ),
        ("auditor", (), "district"),
        ("administrator", (), "district"),
    ],
)
def test_an_account_is_made_with_a_role_and_a_scope(
    database_url: str, role: str, options: tuple[str, ...], scope: str
) -> None:
    add_two_units(database_url)
    made = create("somebody", "--role", role, *options)
    assert made.exit_code == 0, made.stderr
    (line,) = [line for line in run("list").stdout.splitlines() if "somebody" in line]
    assert scope in line
    assert role.removesuffix("istrator") in line


@pytest.mark.parametrize(
    ("role", "options", "advice"),
    [
        ("king", (), "king"),
        ("viewer", ("--scope", "everything"), "a scope is district, territory:KEY or unit:KEY"),
        ("viewer", ("--scope", "district:town_01"), "a scope is district, territory:KEY"),
        ("viewer", ("--scope", "territory:"), "a scope is district, territory:KEY"),
        ("viewer", ("--scope", "territory:sanitation"), "there is no territory sanitation"),
        ("viewer", ("--scope", "unit:nowhere"), "there is no unit nowhere"),
        ("unit_handler", (), "a unit handler needs a unit"),
        ("unit_handler", ("--unit", "sanitation", "--scope", "district"), "is its unit"),
        ("auditor", ("--scope", "unit:sanitation"), "of the role auditor is the district"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused_with_advice(
    database_url: str, role: str, options: tuple[str, ...], advice: str
) -> None:
    add_two_units(database_url)
    answer = create("somebody", "--role", role, *options)
    assert answer.exit_code == 2
    assert advice in " ".join(answer.stderr.replace("│", " ").split())


def test_a_change_of_role_and_scope_is_an_entry_of_the_journal(database_url: str) -> None:
    add_two_units(database_url)
    create("somebody")
    said = run("change", "somebody", "--role", "viewer", "--scope", "territory:town_01").stdout
    assert said == "somebody is viewer with the scope territory:town_01, 0 sessions ended\n"
    with psycopg.connect(database_url) as db:
        row = db.execute("SELECT data FROM journal WHERE kind = 'account_changed'").fetchone()
    assert row is not None
    assert (row[0]["before"]["role"], row[0]["scope"]) == ("dispatcher", "territory:town_01")


def test_the_last_administrator_stays_one() -> None:
    create("only", "--role", "admin")
    for refused in (run("disable", "only"), run("change", "only", "--role", "viewer")):
        assert refused.exit_code == 2
        assert "make another one first" in " ".join(refused.stderr.split())
    create("other", "--role", "admin")
    assert run("disable", "only").exit_code == 0
