"""Lists of days off, as people have them."""

import io
from datetime import date

import openpyxl
import pytest

from hub.cases.day_list import parse_days
from hub.deadlines.store import DayEdit
from hub.errors import InvalidInput

DAY = date(2026, 10, 1)


def parsed(text: str, encoding: str = "utf-8", name: str = "days.csv"):
    return parse_days(text.encode(encoding), name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_list_is_read_in_the_encodings_of_the_trade(encoding):
    found = parsed("日期,是否工作日,备注\n2026-10-01,否,国庆节\n2026-10-10,是,调休\n", encoding)

    assert found.bad == ()
    assert found.edits == (
        DayEdit(DAY, False, "国庆节"),
        DayEdit(date(2026, 10, 10), True, "调休"),
    )


@pytest.mark.parametrize(
    "day", ["2026-10-01", "2026/10/1", "2026.10.1", "2026年10月1日", "20261001"]
)
@pytest.mark.parametrize("word", ["否", "0", "no", "False", "休息日", "放假", "休"])
def test_days_and_words_are_read_as_people_write_them(day, word):
    assert parsed(f"day,is_workday\n{day},{word}\n").edits == (DayEdit(DAY, False),)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2026-13-01,否", "days.csv!A3: '2026-13-01' is no day"),
        ("2026-02-29,否", "A3: '2026-02-29' is no day"),
        (",否", "A3: '' is no day"),
        ("2026-10-01,也许", "days.csv!B3: '也许' is neither"),
        ("2026-10-01,", "B3: '' is neither"),
        ("2026-10-02,否", "A3: 2026-10-02 occurs twice"),
    ],
)
def test_a_bad_cell_is_named_with_its_reason(row, complaint):
    found = parsed(f"day,is_workday\n2026-10-02,1\n{row}\n\n")

    assert len(found.edits) == 1
    assert complaint in found.bad[0]


def test_all_bad_cells_of_a_row_are_named():
    found = parsed(f"day,is_workday,note\n2026-13-01,也许,{'长' * 201}\n")

    assert [line.split(":")[0] for line in found.bad] == [
        "days.csv!A2",
        "days.csv!B2",
        "days.csv!C2",
    ]


def test_a_spreadsheet_with_a_title_row_is_read():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2026 年放假安排"])
    sheet.append(["日期", "类型", "说明"])
    sheet.append([DAY, "休息日", "国庆节"])
    file = io.BytesIO()
    book.save(file)

    assert parse_days(file.getvalue(), "days.xlsx").edits == (DayEdit(DAY, False, "国庆节"),)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "day\n2026-10-01\n"])
def test_a_file_without_the_columns_is_refused(text):
    with pytest.raises(InvalidInput, match="日期"):
        parsed(text)


@pytest.mark.parametrize("name", ["days.xlsx", "days.pdf", "days.xls", "days"])
def test_a_file_of_another_kind_is_refused(name):
    with pytest.raises(InvalidInput, match=name.split(".", maxsplit=1)[0]):
        parsed("day,is_workday\n", name=name)
