"""`python -m hub points`, `people`, `letters`, `digest` and `ladder`, as an operator runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.cli import app
from hub.cli.running import out
from hub.supervision.letters.commands import issue_by_hand
from hub.supervision.letters.letter import LetterKind, NewLetter
from tests.integration.hub.cases.conftest import street
from tests.integration.hub.supervision.conftest import SUPERVISOR
from tests.use_cases import carry_out

__all__ = ["street"]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", f"file://{tmp_path}")
    monkeypatch.setattr(out, "_width", 200)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def said(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: object) -> str:
    """What a command says that ends with 2, on one line."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


@pytest.fixture
def file(tmp_path: Path):
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("noun", ["points", "people", "letters", "digest", "ladder"])
def test_each_noun_says_what_it_can_do(noun: str) -> None:
    help_text = run(noun, "--help")
    assert help_text.exit_code == 0
    for verb in {"points": "show close pay rebuild", "people": "import assign"}.get(
        noun, "show"
    ).split():
        assert verb in help_text.output


class TestAnEmptyHub:
    def test_nothing_is_said_in_words(self) -> None:
        assert "no grid worker is registered" in said("points", "show", "2025-08")
        assert "0 entries, the same as before" in said("points", "rebuild")
        assert said("letters", "list").strip() == "no letter yet"
        assert said("letters", "list", "--year", "2024").strip() == "no such letter"
        assert "reminder_80: reminder, 80% of the limit" in said("ladder", "show")

    def test_the_digest_and_the_ladder_speak_both_languages(self) -> None:
        assert "当天没有导入警情数据" in said("digest", "show", "2025-08-07")
        english = said("digest", "show", "2025-08-07", "--language", "en")
        assert "no counts of police calls were imported" in english
        assert json.loads(said("digest", "show", "2025-08-07", "--json"))["weak_units"] == []
        assert "已超期，请说明原因并继续办理" in said("ladder", "show")
        assert "explain why, and go on" in said("ladder", "show", "--language", "en")

    def test_what_is_not_there_is_named(self, tmp_path: Path) -> None:
        assert "there is no grid worker W-1" in refused("points", "show", "--worker", "W-1")
        assert "there is no device T-1" in refused("people", "assign", "T-1", "W-1")
        assert "there is no letter 督办函〔2025〕3号" in refused(
            "letters", "show", "督办函〔2025〕3号"
        )
        assert "there is no unit nobody" in refused("letters", "list", "--unit", "nobody")
        assert "there is no case 1" in refused("ladder", "show", "--case", "1")
        missing = tmp_path / "none.csv"
        for noun in ("people", "digest", "ladder"):
            assert "can't be read" in refused(noun, "import", missing)

    def test_bad_input_is_named_and_nothing_is_written(self, file, tmp_path: Path) -> None:
        assert "a month such as 2025-08, not 2025-13" in refused("points", "show", "2025-13")
        rules = file("rules.json", '{"day_cap": -3, "colour": 1}')
        wrong = refused("points", "rules", rules, "--from", "2099-01-01", "--reason", "x")
        assert "rules.json: day_cap: Input should be greater than or equal to 0" in wrong
        assert "rules.json: colour" in wrong
        assert "--from" in refused("points", "rules", rules)
        table = file("table.csv", "a,b\n1,2\n")
        assert "worker_id" in refused("people", "import", table)
        assert "the column “a” is not known" in refused("digest", "import", table)
        steps = file("steps.yaml", "steps:\n  - {step_key: soon}\n")
        assert "step 1 (soon): kind" in refused("ladder", "import", steps, "--reason", "x")
        assert "2099-01-01 has not begun" in refused("digest", "show", "2099-01-01")
        for noun in (("digest", "show", "2025-08-07"), ("letters", "export", "1")):
            assert "must end in .pdf or .html" in refused(*noun, "--to", tmp_path / "a.doc")


@pytest.fixture
async def handled(db, street) -> str:
    """The number of a case that its unit handles, with a letter by hand."""
    case = await street.handling(db)
    new = NewLetter(kind=LetterKind.ORDER, unit_key="housing_bureau", text="今天办结")
    await carry_out(db, street.now, issue_by_hand, case.case_id, new, SUPERVISOR)
    await db.commit()
    return case.case_no


def test_a_letter_is_listed_shown_and_exported_in_both_languages(handled, tmp_path: Path) -> None:
    listed = said("letters", "list", "--unit", "housing_bureau", "--open")
    assert "督办单〔2025〕1号" in listed
    assert "2025-08-07 15:19" in listed
    shown = said("letters", "show", "督办单〔2025〕1号")
    assert "今天办结" in shown
    assert "state: sent" in shown
    assert handled in said("letters", "show", "1", "--language", "en")
    page = tmp_path / "letter.html"
    assert "bytes" in said("letters", "export", "1", "--to", page, "--language", "en")
    assert "Supervision order" in page.read_text(encoding="utf-8")


def test_the_ladder_of_a_case_is_told_in_local_time(handled) -> None:
    lines = said("ladder", "show", "--case", handled).splitlines()
    assert lines[0] == "2025-08-11 10:07  reminder_80: to come"
    assert len(lines) == 5


def test_workers_come_from_a_file_and_hold_terminals(handled, file) -> None:
    rows = file("workers.csv", "编号,姓名,村,电话,在岗\nW-0001,网格员,village_001,,是\n")
    assert "1 new" in said("people", "import", rows, "--dry-run")
    assert "1 new" in said("people", "import", rows)
    assert "1 unchanged" in said("people", "import", rows)
    assert "T-0002 is held by W-0001" in said("people", "assign", "T-0002", "W-0001")
    assert "W-0001: no entry" in said("points", "show", "--worker", "W-0001")
    assert "网格员" in said("points", "show", "2025-08")
    assert "T-0002 is held by nobody" in said("people", "assign", "T-0002")
