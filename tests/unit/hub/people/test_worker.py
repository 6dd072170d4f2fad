"""The registry of grid workers as a sheet: good rows, bad cells, encodings."""

import pytest

from hub.catalogue.sheets import read_sheets
from hub.errors import InvalidInput
from hub.people.worker import GridWorker, WorkerList, read_workers

VILLAGES = {"village_001": ["village_001"]}


def read(text: str, encoding: str = "utf-8") -> WorkerList:
    (sheet,) = read_sheets(text.encode(encoding), "people.csv")
    return read_workers(sheet, VILLAGES)


def test_a_file_is_read_whatever_the_order_of_its_columns_and_the_language_of_its_header():
    text = "姓名,编号,村,电话,在岗\n网格员 0001,W-0001,village_001,0874-3000000,是\n网格员 0002,W-0002,,,否\n"

    found = read(text)

    assert found.bad == ()
    assert found.workers == (
        GridWorker(
            worker_id="W-0001", name="网格员 0001", village="village_001", phone="0874-3000000"
        ),
        GridWorker(worker_id="W-0002", name="网格员 0002", active=False),
    )


@pytest.mark.parametrize(
    ("line", "cell", "reason"),
    [
        ("W-1,,village_001,,", "B3", "name"),
        ("W 1,name,village_001,,", "A3", "worker_id"),
        ("W-1,name,village_009,,", "C3", "there is no unit village_009"),
        ("W-1,name,village_001,call me,", "D3", "phone"),
        ("W-1,name,village_001,,perhaps", "E3", "active"),
        ("W-0,name,village_001,,", "A3", "occurs twice"),
    ],
)
def test_a_bad_cell_is_named_with_its_reason(line, cell, reason):
    found = read(f"worker_id,name,village,phone,active\nW-0,first,,,\n{line}\n")

    (bad,) = found.bad
    assert bad.cell == cell
    assert reason in bad.reason


def test_a_file_without_its_columns_is_refused():
    with pytest.raises(InvalidInput, match="worker_id"):
        read("name\nsomebody\n")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_file_of_a_chinese_spreadsheet_program_is_read(encoding):
    found = read("编号,姓名\nW-0001,网格员\n", encoding)
    assert found.workers == (GridWorker(worker_id="W-0001", name="网格员"),)
