"""Tables as CSV and XLSX: what is written is what was meant, and no cell becomes a formula."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InvalidInput
from hub.tables import (
    Cell,
    Column,
    ColumnKind,
    Ratio,
    Row,
    Sum,
    Table,
    TableFormat,
    table_bytes,
    table_download,
    xlsx_file,
)
from hub.tables.csv_file import harmless
from hub.tables.xlsx_file import sheet_title

UNITS = (
    Column("unit", "单位"),
    Column("due", "应结案数", ColumnKind.COUNT, Sum()),
    Column("closed", "按期结案数", ColumnKind.COUNT, Sum()),
    Column("rate", "按期结案率", ColumnKind.RATE, Ratio("closed", "due")),
)
NOON = datetime(2025, 8, 7, 7, 19, 30, 123, tzinfo=UTC)
"""15:19 in the district."""
FORMULAS = [
    "=1+1",
    "+86 874",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "\n@x",
    "　=1",
    "\ufeff=1",
]


def table(*rows: Row, total: str | None = "合计", columns: tuple[Column, ...] = UNITS) -> Table:
    return Table("按期结案", columns, rows, total)


def one_text(text: str) -> Table:
    return table([text], total=None, columns=(Column("text", "文字"),))


def lines(made: Table) -> list[list[str]]:
    data = table_bytes(made, TableFormat.CSV)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet(made: Table):
    return openpyxl.load_workbook(io.BytesIO(table_bytes(made, TableFormat.XLSX))).worksheets[0]


def values(made: Table) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet(made).iter_rows()]


def test_csv_has_titles_rows_and_a_total_that_is_a_sum_and_a_ratio_of_sums():
    made = table(["住建局", 972, 737, Decimal(737) / 972], ["城管局", 28, 0, Decimal(0)])
    assert lines(made) == [
        ["单位", "应结案数", "按期结案数", "按期结案率"],
        ["住建局", "972", "737", "75.82%"],
        ["城管局", "28", "0", "0.00%"],
        ["合计", "1000", "737", "73.70%"],
    ]


def test_the_total_row_of_a_workbook_is_live():
    made = table(["住建局", 972, 737, Decimal(737) / 972], ["城管局", 28, 0, Decimal(0)])
    assert values(made)[-1] == [
        "合计",
        "=SUM(B2:B3)",
        "=SUM(C2:C3)",
        '=IF(SUM(B2:B3)=0,"—",ROUND(SUM(C2:C3)/SUM(B2:B3),4))',
    ]
    last = list(sheet(made).iter_rows())[-1]
    assert [cell.data_type for cell in last] == ["s", "f", "f", "f"]
    assert last[3].number_format == "0.00%"


def test_a_rate_without_a_denominator_is_a_dash_in_row_and_total():
    made = table(["住建局", 0, 0, None])
    assert lines(made)[1:] == [["住建局", "0", "0", "—"], ["合计", "0", "0", "—"]]
    assert values(made)[1] == ["住建局", 0, 0, "—"]


def test_a_table_without_rows_has_titles_and_an_empty_total():
    assert lines(table())[1:] == [["合计", "0", "0", "—"]]
    assert values(table())[1:] == [["合计", 0, 0, "—"]]


def test_a_table_without_a_total_ends_with_its_rows():
    assert len(lines(table(["住建局", 1, 1, Decimal(1)], total=None))) == 2
    assert len(values(table(["住建局", 1, 1, Decimal(1)], total=None))) == 2


def test_rates_and_numbers_are_rounded_half_up():
    columns = (Column("n", "数", ColumnKind.NUMBER), Column("r", "率", ColumnKind.RATE))
    made = table(
        [Decimal("2.675"), Decimal("0.00125")], [1.005, 0.93725], total=None, columns=columns
    )
    assert lines(made)[1:] == [["2.68", "0.13%"], ["1.01", "93.73%"]]
    assert [row[1] for row in values(made)[1:]] == [0.0013, 0.9373]


def test_instants_are_dates_in_local_time():
    columns = (
        Column("at", "时间", ColumnKind.INSTANT),
        Column("day", "日期", ColumnKind.DATE),
        Column("due", "截止", ColumnKind.INSTANT),
    )
    late = datetime(2025, 8, 7, 16, 30, tzinfo=UTC)
    made = table([NOON, late, None], total=None, columns=columns)
    assert lines(made)[1] == ["2025-08-07 15:19", "2025-08-08", ""]
    row = list(sheet(made).iter_rows())[1]
    assert row[0].value == datetime(2025, 8, 7, 15, 19, 30)
    assert row[0].is_date
    assert row[1].value == datetime(2025, 8, 8)
    assert row[1].number_format == "yyyy-mm-dd"
    assert (
        lines(table([date(2025, 8, 7), NOON, NOON], total=None, columns=columns))[1][0]
        == "2025-08-07"
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_csv_starts_a_formula(text: str):
    assert lines(one_text(text))[1][0].startswith("'")


@pytest.mark.parametrize("text", [*FORMULAS, "=", "#N/A", "#DIV/0!", "{=1}"])
def test_no_text_of_a_workbook_is_a_formula_or_an_error(text: str):
    cell = sheet(one_text(text)).cell(2, 1)
    assert cell.data_type == "s"
    assert cell.number_format == "@"
    assert cell.value is not None
    assert str(cell.value).strip() == text.strip()


def test_titles_are_as_harmless_as_rows():
    made = table(["x"], total=None, columns=(Column("a", "=cmd()"),))
    assert lines(made)[0] == ["'=cmd()"]
    assert sheet(made).cell(1, 1).data_type == "s"


@pytest.mark.parametrize("text", ["玉林北路", "a,b", 'say "x"', "two\nlines", "530328-0001", ""])
def test_plain_text_comes_back_as_it_was(text: str):
    assert lines(one_text(text))[1] == [text]


@given(st.text(max_size=40))
def test_any_text_can_be_written(text: str):
    made = one_text(text)
    assert sheet(made).cell(2, 1).data_type != "f"
    shown = harmless(text)
    assert shown.lstrip(" \t\r\n\v\f\u00a0\u3000\ufeff")[:1] not in {"=", "+", "-", "@"}
    table_bytes(made, TableFormat.CSV)


def test_columns_are_as_wide_as_what_they_hold_and_chinese_counts_twice():
    columns = (Column("a", "单位"), Column("b", "b"), Column("c", "c", width=33), Column("d", "d"))
    made = table(["曲靖市沾益区住房和城乡建设局", "x", "x", "x" * 500], total=None, columns=columns)
    widths = [sheet(made).column_dimensions[letter].width for letter in "ABCD"]
    assert widths == [30, 6, 33, 60]


def test_titles_stay_in_sight_and_rows_can_be_filtered_without_the_total():
    made = sheet(table(["住建局", 1, 1, Decimal(1)]))
    assert made.freeze_panes == "A2"
    assert made.auto_filter.ref == "A1:D2"


@pytest.mark.parametrize(
    ("title", "named"),
    [("案件[1]:*?/\\", "案件 1"), ("x" * 40, "x" * 31), ("'", "1"), ("", "1"), ("a\x00b", "ab")],
)
def test_a_sheet_gets_a_name_that_it_may_have(title: str, named: str):
    assert sheet_title(title) == named


def test_more_rows_than_a_sheet_holds_are_refused_and_not_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 4)
    rows: list[list[Cell]] = [["住建局", 1, 1, Decimal(1)]] * 3
    table_bytes(table(*rows[:2]), TableFormat.XLSX)
    with pytest.raises(InvalidInput, match="take CSV"):
        table_bytes(table(*rows), TableFormat.XLSX)


@pytest.mark.parametrize(
    "columns",
    [
        (),
        (Column("a", "a"), Column("a", "b")),
        (Column("a", "a"), Column("b", "b", ColumnKind.TEXT, Sum())),
        (Column("a", "a"), Column("b", "b", ColumnKind.RATE, Ratio("a", "c"))),
        (Column("a", "a"), Column("b", "b", ColumnKind.COUNT, Ratio("b", "b"))),
        (Column("a", "a", ColumnKind.COUNT, Sum()),),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(columns: tuple[Column, ...]):
    with pytest.raises(ValueError, match=r"column|total|keys"):
        Table("t", columns, [], "合计")


async def test_a_download_takes_rows_as_they_come_and_has_the_name_that_it_was_given():
    async def coming() -> AsyncIterator[Row]:
        for number in range(1234):
            yield [f"单位{number}", 1, 1, Decimal(1)]

    answer = await table_download(Table("t", UNITS, coming(), "合计"), TableFormat.XLSX, "案件 8月")
    assert (
        "filename*=UTF-8''%E6%A1%88%E4%BB%B6%208%E6%9C%88.xlsx"
        in answer.headers["content-disposition"]
    )
    data = b"".join(
        [part if isinstance(part, bytes) else b"" async for part in answer.body_iterator]
    )
    made = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert made.max_row == 1236
    assert made.cell(1236, 2).value == "=SUM(B2:B1235)"


async def test_an_error_while_rows_come_is_raised_before_anything_is_sent():
    async def failing() -> AsyncIterator[Row]:
        yield ["a", 1, 1, None]
        raise InvalidInput("the rows ended")

    with pytest.raises(InvalidInput, match="the rows ended"):
        await table_download(Table("t", UNITS, failing(), None), TableFormat.CSV, "t")
