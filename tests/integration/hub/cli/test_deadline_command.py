"""`python -m hub deadline`, `explain` and `calendar`, as an operator runs them."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from hub.cli import app


@pytest.fixture
def _settings(_no_settings: None, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", "file:///tmp/of-this-test-only")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATROLHUB_DATABASE_URL", raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def deadline(start: str, limit: str, kind: str, *options: str) -> Result:
    return run("deadline", "--start", start, "--limit", limit, "--type", kind, *options)


def last(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[-1]


VECTORS = [
    ("2025-08-07T15:19", "2", "work_day", "2025-08-11T15:19"),
    ("2025-08-09T10:00", "2", "work_day", "2025-08-12T18:00"),
    ("2025-09-30T16:00", "2", "work_day", "2025-10-10T16:00"),
    ("2025-10-10T17:00", "1", "work_day", "2025-10-11T17:00"),
    ("2026-02-13T17:30", "2", "work_day", "2026-02-24T17:30"),
    ("2025-08-07T15:19", "4", "work_hour", "2025-08-08T09:19"),
    ("2025-08-09T23:30", "2", "urgent_hour", "2025-08-10T01:30"),
    ("2025-08-09T23:50", "15", "urgent_minute", "2025-08-10T00:05"),
    ("2025-08-07T15:19", "0.5", "work_day", "2025-08-08T09:19"),
    ("2025-08-07T15:19", "2", "natural_day", "2025-08-09T15:19"),
]


@pytest.mark.parametrize(("start", "limit", "kind", "expected"), VECTORS)
@pytest.mark.parametrize("offset", ["", "+08:00"])
def test_the_last_line_is_the_instant(
    start: str, limit: str, kind: str, expected: str, offset: str
) -> None:
    assert last(deadline(start + offset, limit, kind)) == f"{expected}:00+08:00"


def test_a_start_in_another_zone_is_the_same_instant() -> None:
    assert last(deadline("2025-08-07T07:19:00Z", "2", "work_day")) == "2025-08-11T15:19:00+08:00"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("work_day", "2025-08-11T18:00:00+08:00"), ("natural_day", "2025-08-10T00:00:00+08:00")],
)
def test_the_hotline_rule_ends_with_a_day(kind: str, expected: str) -> None:
    options = ("--policy", "end_of_day_from_next")

    assert last(deadline("2025-08-07T15:19", "2", kind, *options)) == expected


def test_a_year_that_no_calendar_knows_is_said_before_the_instant() -> None:
    result = deadline("2031-08-07T15:19", "2", "work_day")

    assert "calendar_assumed" in result.stdout.splitlines()[0]
    assert last(result) == "2031-08-11T15:19:00+08:00"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("yesterday", "2", "work_day"), "--start: yesterday"),
        (("2025-08-07", "2", "work_day"), "no time of day"),
        (("2025-02-30T10:00", "2", "work_day"), "--start"),
        (("9999-12-31T10:00", "2", "work_day"), "no end"),
        (("2025-08-07T15:19", "0", "work_day"), "--limit"),
        (("2025-08-07T15:19", "-1", "work_day"), "--limit"),
        (("2025-08-07T15:19", "nan", "work_day"), "--limit"),
        (("2025-08-07T15:19", "inf", "work_hour"), "--limit"),
        (("2025-08-07T15:19", "two", "work_day"), "--limit"),
        (("2025-08-07T15:19", "2", "workday"), "--type: workday is none of"),
        (("2025-08-07T15:19", "2", "work_day", "--policy", "later"), "--policy: later"),
        (("2025-08-07T15:19", "1.5", "work_day", "--policy", "end_of_day_from_next"), "whole"),
        (("2025-08-07T15:19", "2", "work_hour", "--policy", "end_of_day_from_next"), "whole"),
    ],
)
def test_wrong_input_is_named_and_ends_with_2(
    arguments: tuple[str, str, str], complaint: str
) -> None:
    result = deadline(*arguments)

    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())


@pytest.mark.usefixtures("_settings")
class TestWithADatabase:
    def test_the_hub_s_own_calendar_counts(self, tmp_path: Path, database_url: str) -> None:
        assert last(run("calendar", "edit", "2025-08-08", "--day-off", "--note", "flood")).endswith(
            "0 deadlines moved; 1 days written"
        )
        assert last(deadline("2025-08-07T15:19", "2", "work_day")) == "2025-08-12T15:19:00+08:00"
        days = tmp_path / "days.csv"
        days.write_bytes("日期,是否工作日\n2025-08-08,是\n2025-08-11,否\n".encode("gbk"))
        assert last(run("calendar", "import", str(days), "--dry-run")).endswith("nothing written")
        assert last(deadline("2025-08-07T15:19", "2", "work_day")) == "2025-08-12T15:19:00+08:00"
        assert run("calendar", "import", str(days)).exit_code == 0
        assert last(deadline("2025-08-07T15:19", "2", "work_day")) == "2025-08-12T15:19:00+08:00"
        shown = run("calendar", "show", "2025").stdout
        assert "2025-08-11 Mon  day off  edited by user:cli" in shown
        assert "365 assumed" not in shown
        with psycopg.connect(database_url) as db:
            kinds = db.execute(
                "SELECT kind, actor FROM journal WHERE subject_id = 'calendar'"
            ).fetchall()
        assert kinds == [("calendar_edited", "user:cli")] * 2

    def test_a_list_with_a_bad_cell_is_not_imported(self, tmp_path: Path) -> None:
        days = tmp_path / "days.csv"
        days.write_text("day,is_workday\n2025-08-08,no\n2025-08-32,no\n", encoding="utf-8")

        result = run("calendar", "import", str(days))

        assert result.exit_code == 2
        assert "days.csv!A3: '2025-08-32' is no day" in result.stdout
        assert "edited" not in run("calendar", "show", "2025").stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            ("edit", "2025-08-32", "--day-off"),
            ("edit", "2025-08-08"),
            ("import", "nowhere.csv"),
            ("show", "12"),
        ],
    )
    def test_wrong_words_for_the_calendar_end_with_2(self, arguments: tuple[str, ...]) -> None:
        assert run("calendar", *arguments).exit_code == 2


@pytest.fixture
def _district(_settings: None, database_url: str) -> None:
    with psycopg.connect(database_url) as db:
        db.execute(
            "INSERT INTO district VALUES ('530303', '沾益区', 'Zhanyi', 103.82, 25.6,"
            " '{103,25,104,26}')"
        )
        db.execute(
            "INSERT INTO unit (unit_key, kind, name_zh, name_en) VALUES"
            " ('housing_bureau', 'department', '住建局', 'Housing Bureau')"
        )
        db.execute(
            "INSERT INTO asset VALUES ('A-0172', 'manhole_sewage', 'housing_bureau', '污水井盖',"
            " 'Sewage cover', 103.82, 25.6)"
        )
    starter = Path(__file__).parents[4] / "hub" / "catalogue" / "starter.yaml"
    assert run("catalogue", "import", str(starter)).exit_code == 0


def explain(*options: str, item: str = "manhole_cover", condition: str = "broken") -> Result:
    place = options or ("--lon", "103.82", "--lat", "25.6")
    return run("explain", "--item", item, "--condition", condition, *place)


@pytest.mark.usefixtures("_district")
def test_an_explanation_names_units_reasons_and_the_deadline() -> None:
    result = explain()

    lines = result.stdout.splitlines()
    assert "lead unit: housing_bureau 住建局 Housing Bureau" in lines
    assert "asset: A-0172" in lines
    assert any(line.startswith("why: asset_within_reach: ") for line in lines)
    assert "limit: 2 work_day, accumulate" in lines
    due = datetime.fromisoformat(last(result).removeprefix("due if routed now: "))
    assert due > datetime.now(UTC)
    again = explain().stdout.splitlines()
    assert again[:-1] == lines[:-1]


@pytest.mark.usefixtures("_district")
def test_an_explanation_says_if_a_joint_study_must_decide() -> None:
    far = explain("--lon", "103.9", "--lat", "25.7", "--error-m", "40")

    assert "lead unit: joint study" in far.stdout.splitlines()
    assert "why: needs_joint_study" in far.stdout


@pytest.mark.usefixtures("_district")
@pytest.mark.parametrize(
    ("options", "subject", "complaint"),
    [
        ((), {"item": "nothing"}, "the catalogue has no item nothing"),
        ((), {"condition": "nothing"}, "has only the conditions"),
        (("--lon", "200", "--lat", "25.6"), {}, "is no longitude and latitude"),
        (("--lon", "10", "--lat", "25.6"), {}, "is no place of the district"),
        (("--lon", "nan", "--lat", "25.6"), {}, "is no longitude and latitude"),
        (("--lon", "103.82", "--lat", "25.6", "--error-m", "-1"), {}, "error radius"),
        (("--lon", "east", "--lat", "25.6"), {}, "--lon"),
    ],
)
def test_a_question_without_an_answer_is_named_and_ends_with_2(
    options: tuple[str, ...], subject: dict[str, str], complaint: str
) -> None:
    result = explain(*options, **subject)

    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())


@pytest.mark.usefixtures("_settings")
def test_without_a_catalogue_the_explanation_says_what_to_do() -> None:
    result = explain()

    assert (result.exit_code, "import one" in result.stderr) == (2, True)
