"""The registry of grid workers as a CSV file: good lines, bad lines, encodings."""

import pytest

from hub.errors import InvalidInput
from hub.people.worker import GridWorker, decode, read_workers

VILLAGES = {"village_001"}


def test_a_file_is_read_whatever_the_order_of_its_columns_and_the_language_of_its_header():
    text = "姓名,编号,村,电话,在岗\n网格员 0001,W-0001,village_001,0874-3000000,是\n网格员 0002,W-0002,,,否\n"

    found = read_workers(text, VILLAGES)

    assert found.bad == ()
    assert list(found.workers.values()) == [
        GridWorker(
            worker_id="W-0001", name="网格员 0001", village="village_001", phone="0874-3000000"
        ),
        GridWorker(worker_id="W-0002", name="网格员 0002", active=False),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("W-1,,village_001,,", "name"),
        ("W 1,name,village_001,,", "worker_id"),
        ("W-1,name,village_009,,", "there is no unit village_009"),
        ("W-1,name,village_001,call me,", "phone"),
        ("W-1,name,village_001,,perhaps", "active"),
        ("W-0,name,village_001,,", "occurs twice"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(line, reason):
    found = read_workers(f"worker_id,name,village,phone,active\nW-0,first,,,\n{line}\n", VILLAGES)

    (bad,) = found.bad
    assert bad.line == 3
    assert reason in bad.reason


def test_a_file_without_its_columns_is_refused():
    with pytest.raises(InvalidInput, match="worker_id"):
        read_workers("name\nsomebody\n", VILLAGES)


def test_a_file_of_a_chinese_spreadsheet_program_is_read():
    assert decode("编号,姓名".encode("gb18030")) == "编号,姓名"
    assert decode("编号,姓名".encode("utf-8-sig")) == "编号,姓名"
    with pytest.raises(InvalidInput):
        decode(b"\xff\xff\xff")
