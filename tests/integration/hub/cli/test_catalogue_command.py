"""`python -m hub catalogue`, as an operator runs it."""

from pathlib import Path

import openpyxl
import psycopg
import pytest
from typer.testing import CliRunner, Result

from hub.cli import app

ROWS = [
    ["沾益区确权清单"],
    ["代码", "事项名称", "情形", "责任单位", "处置时限"],
    [1, "井盖", "破损", "住建局、各产权单位", "4工作时"],
    [None, None, "缺失", None, "2紧急工作时"],
    ["03", "流动摊贩", "占道", "属地", "1紧急工作时制止"],
]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("PATROLHUB_DATABASE_URL", database_url)
    monkeypatch.setenv("PATROLHUB_DISTRICT", "530303")
    monkeypatch.setenv("PATROLHUB_EVIDENCE_URL", "file:///tmp/of-this-test-only")
    with psycopg.connect(database_url) as db:
        db.execute(
            "INSERT INTO unit (unit_key, kind, name_zh, name_en) VALUES"
            " ('housing_bureau', 'department', '住建局', 'Housing Bureau')"
        )


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, openpyxl.worksheet.worksheet.Worksheet)
    sheet.title = "部件"
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    for column in "ABD":
        sheet.merge_cells(f"{column}3:{column}4")
    book.save(tmp_path / "list.xlsx")
    return tmp_path / "list.xlsx"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["catalogue", *map(str, arguments)])


def done(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_list_is_tried_confirmed_imported_shown_and_exported(
    listed: Path, tmp_path: Path, database_url: str
) -> None:
    tried = run("import", listed, "--dry-run")
    assert tried.exit_code == 2
    assert "! 部件!D3 (井盖): 各产权单位 is no registered unit" in tried.stdout
    assert "? 属地 (1 cells, first 部件!D5)" in tried.stdout
    meanings = ("--map", "各产权单位=study", "--map", "属地=territory")
    dry = done("import", listed, "--dry-run", *meanings)
    assert "+ jing_gai 井盖" in dry
    assert "2 new, 0 changed, 0 unchanged, 0 kept that are not in the file; nothing written" in dry
    assert done("mappings") == ""

    assert "version 1 created" in done("import", listed, *meanings)

    assert "各产权单位 = study  user:cli" in done("mappings")
    shown = done("show")
    assert shown.startswith("version 1, 2 items")
    assert (
        "jing_gai  井盖  component  housing_bureau  po_sun 4 work_hour; que_shi 2 urgent_hour"
        in shown
    )
    item = done("show", "liu_dong_tan_fan")
    assert "owner_rule: territory" in item
    assert "limit 1 urgent_hour" in item
    assert "closed when 制止" in item
    assert "std_codes: edition local, code 03, verified local" in item
    # The confirmed names are kept: the same list needs no --map any more.
    assert "nothing written" in done("import", listed)
    for name in ("list.csv", "again.xlsx", "list.yaml"):
        for language in ("zh", "en"):
            assert "2 items" in done("export", tmp_path / name, "--language", language)
            again = done("import", tmp_path / name, "--dry-run")
            assert "0 new, 0 changed, 2 unchanged" in again
    with psycopg.connect(database_url) as db:
        kinds = db.execute(
            "SELECT kind FROM journal WHERE subject_id = 'catalogue' ORDER BY journal_id"
        ).fetchall()
    assert kinds == [("unit_names_confirmed",), ("catalogue_imported",)]


def test_versions_differ_field_by_field_and_nothing_is_deleted(
    listed: Path, tmp_path: Path
) -> None:
    done("import", listed, "--map", "各产权单位=study", "--map", "属地=territory")
    second = tmp_path / "second.csv"
    second.write_bytes(
        "事项名称,类别,情形,责任单位,处置时限\n井盖,部件,破损,住建局,3工作时\n路灯,部件,不亮,住建局,半天\n".encode(
            "gbk"
        )
    )
    assert "~ jing_gai 井盖" in done("import", second, "--dry-run")
    assert "version 2 created" in done("import", second)

    difference = done("diff")

    assert "+ lu_deng 路灯" in difference
    assert "    conditions.po_sun.limit_value: 4 -> 3" in difference
    assert "    conditions.que_shi: 缺失 -> -" in difference
    assert difference.splitlines()[-1] == "version 1 -> 2: 1 new, 1 changed, 1 unchanged"
    assert "- lu_deng" in done("diff", "2", "1")
    assert "version 1, 2 items" in done("show", "--version", "1")
    assert "po_sun 4 work_hour" in done("show", "--version", "1")
    assert "version 2, 3 items" in done("show")
    versions = done("versions").splitlines()
    assert [line.split()[0] for line in versions] == ["2", "1"]
    assert "second.csv" in versions[0]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("import", "nowhere.xlsx"), "nowhere.xlsx can't be read"),
        (("import", "LIST", "--map", "属地"), "is not NAME=MEANING"),
        (("import", "LIST", "--map", "属地=nobody"), "nobody is neither study nor territory"),
        (("import", "LIST", "--kind", "thing"), "thing is none of component"),
        (("map", "属地", "nobody"), "nobody is neither study nor territory"),
        (("map", " ", "study"), "a name has 1 to 100 characters"),
        (("show",), "the catalogue is empty"),
        (("show", "--version", "7"), "the catalogue has no version 7"),
        (("diff", "1", "2"), "the catalogue has no version 1"),
        (("export", "list.pdf"), "must end in .csv, .xlsx or .yaml"),
        (("export", "list.csv", "--language", "fr"), "fr is neither zh nor en"),
    ],
)
def test_wrong_words_are_named_and_end_with_2(
    listed: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    result = run(*(str(listed) if each == "LIST" else each for each in arguments))

    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())
