"""Districts' own lists as spreadsheets: what is read, and what is named as a bad cell."""

import io
import time

import openpyxl
import pytest

from hub.catalogue.item import ItemKind, OwnerRule
from hub.catalogue.listing import parse_yaml
from hub.catalogue.sheets import address
from hub.deadlines import Limit, LimitType, Policy
from hub.errors import InvalidInput
from tests.unit.hub.catalogue.lists import COVER, HEADER, csv, listed, read, xlsx


def test_a_list_with_a_title_row_and_merged_cells_is_read():
    found = read(
        xlsx(
            ["沾益区城市部件确权清单\n（2025 版）"],
            HEADER,
            [1, "上水\n井盖", "破损", "水务局、住房和城乡建设局", "4工作时", "完好"],
            [None, None, "缺失\n或移位", None, "2紧急工作时", "补齐"],
            [None, None, None, None, None, None],
            ["03", "路灯", "不亮", "供电局", "2天", None],
            merged=["A1:F1", "A3:A5", "B3:B5", "D3:D5"],
        )
    )

    assert found.bad == ()
    water, lamp = found.items
    assert (water.title_zh, water.item_key) == ("上水井盖", "shang_shui_jing_gai")
    assert (water.lead_unit, water.assist_units) == ("water", ("housing",))
    assert (water.owner_rule, water.kind) == (OwnerRule.FIXED, ItemKind.COMPONENT)
    broken, missing = water.conditions
    assert (broken.text_zh, missing.text_zh) == ("破损", "缺失或移位")
    assert (broken.limit_type, broken.limit_value) == (LimitType.WORK_HOUR, 4)
    assert (missing.limit_type, missing.limit_value) == (LimitType.URGENT_HOUR, 2)
    assert (broken.close_condition, missing.close_condition) == ("完好", "补齐")
    assert [item.std_codes[0].code for item in found.items] == ["01", "03"]
    assert lamp.conditions[0].limit_type == LimitType.NATURAL_DAY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_is_read_in_each_encoding_with_empty_cells_for_merged_ones(encoding):
    text = csv(
        ["清单", "", "", "", "", ""],
        HEADER,
        ["1", "井盖", "破损", "水务局", "4工作时", "完好"],
        ["", "", "缺失", "", "2紧急工作时", ""],
        ["", "", "", "", "", ""],
        ["03", "路灯", "不亮", "供电局", "7个工作日", ""],
    )

    found = read(text.encode(encoding), "list.csv", kind=ItemKind.COMPONENT)

    assert found.bad == ()
    cover, lamp = found.items
    assert [each.text_zh for each in cover.conditions] == ["破损", "缺失"]
    assert (lamp.std_codes[0].code, lamp.lead_unit) == ("03", "power")


@pytest.mark.parametrize("rows_above", [0, 1, 2, 5])
def test_the_header_is_found_wherever_it_stands(rows_above):
    above = [["某区清单"], ["制表：指挥中心", "2025 年"], [], ["说明"], []][:rows_above]

    assert len(read(xlsx(*above, HEADER, COVER)).items) == 1


def test_a_header_of_two_rows_is_one_header():
    found = read(
        xlsx(
            ["小类名称", "立案条件", "单位情况", None, "处置时限"],
            [None, None, "责任单位", "配合单位", None],
            ["井盖", "破损", "水务局", "城市管理局", "4工作时"],
            merged=["A1:A2", "B1:B2", "C1:D1", "E1:E2"],
        )
    )

    (item,) = found.items
    assert (item.lead_unit, item.assist_units) == ("water", ("urban",))


@pytest.mark.parametrize(
    ("limit", "kind", "value", "note", "close"),
    [
        ("2天", LimitType.NATURAL_DAY, 2, None, None),
        ("半天", LimitType.NATURAL_DAY, 0.5, None, None),
        ("7个工作日", LimitType.WORK_DAY, 7, None, None),
        ("24小时", LimitType.URGENT_HOUR, 24, None, None),
        ("1紧急工作时制止", LimitType.URGENT_HOUR, 1, None, "制止"),
        ("种植季节15工作日", LimitType.WORK_DAY, 15, "种植季节", None),
    ],
)
def test_limits_are_read_as_real_lists_write_them(limit, kind, value, note, close):
    (item,) = listed(["1", "树", "枯死", "水务局", limit, ""])

    (condition,) = item.conditions
    assert (condition.limit_type, condition.limit_value) == (kind, value)
    assert (condition.limit_note, condition.close_condition) == (note, close)


def test_a_closing_condition_of_the_list_stays():
    (item,) = listed(["1", "摊贩", "占道", "城市管理局", "1紧急工作时制止", "恢复通行"])

    assert item.conditions[0].close_condition == "恢复通行"


STAGES = [("围挡", LimitType.URGENT_HOUR, 3), ("修复", LimitType.URGENT_HOUR, 8)]


def stages(item):
    return [(each.text_zh, each.limit_type, each.limit_value) for each in item.conditions[0].steps]


def test_steps_are_read_from_one_cell():
    (item,) = listed(["1", "水管", "爆管", "水务局", "3紧急工作时围挡；8紧急工作时修复", "通水"])

    assert stages(item) == STAGES
    assert item.conditions[0].close_condition == "通水"
    assert [each.step_key for each in item.conditions[0].steps] == ["wei_dang", "xiu_fu"]


def test_steps_are_read_from_rows_of_their_own():
    found = read(
        xlsx(
            ["事项名称", "类别", "情形", "主责单位", "步骤", "时限", "结案条件"],
            ["水管", "部件", "爆管", "水务局", "围挡", "3紧急工作时", "围挡完整"],
            [None, None, None, None, "修复", "8紧急工作时", "通水"],
            ["路灯", "部件", "不亮", "供电局", None, "2天", None],
        )
    )

    assert found.bad == ()
    pipe, lamp = found.items
    assert stages(pipe) == STAGES
    assert [each.close_condition for each in pipe.conditions[0].steps] == ["围挡完整", "通水"]
    assert lamp.conditions[0].steps == ()


@pytest.mark.parametrize(
    ("row", "cell", "reason"),
    [
        (["1", "灯", "不亮", "供电局", "尽快", ""], "E4", "'尽快' is no limit"),
        (["1", "灯", "不亮", "供电局", "", ""], "E4", "there is no limit"),
        (["1", "灯", "", "供电局", "2天", ""], "C4", "the condition is empty"),
        (["1", "灯", "不亮", "", "2天", ""], "D4", "no unit is named"),
        (["1", "井盖", "缺失", "供电局", "2天", ""], "D4", "differs from D3 of the same item"),
        (["9", "", "缺失", "", "2天", ""], "A4", "differs from A3 of the same item"),
        (["1", "灯" * 201, "不亮", "供电局", "2天", ""], "B4", "at most 200 characters"),
        (["编号/1", "灯", "不亮", "供电局", "2天", ""], "A4", "should match pattern"),
        (["1", "灯", "不亮", "供电局", "=1+1", ""], "E4", "formula"),
    ],
)
def test_a_bad_cell_is_named_with_sheet_cell_and_reason(row, cell, reason):
    found = read(xlsx(["清单"], HEADER, COVER, row))

    (bad,) = found.bad
    assert bad.where == f"部件!{cell}"
    assert reason in bad.reason
    assert [item.title_zh for item in found.items][:1] == ["井盖"][: len(found.items)]


def test_all_bad_cells_of_a_row_are_named_in_their_order():
    found = read(xlsx(["清单"], HEADER, COVER, ["1", "灯", "", "无名局", "尽快", ""]))

    assert [bad.cell for bad in found.bad] == ["C4", "D4", "E4"]


def test_an_item_that_comes_again_further_down_is_named():
    found = read(xlsx(["清单"], HEADER, COVER, ["2", "灯", "不亮", "供电局", "2天", ""], COVER))

    (bad,) = found.bad
    assert (bad.cell, bad.reason) == ("B5", "jing_gai occurs twice, first in 部件!B3")


def test_a_condition_that_comes_twice_is_named():
    (bad,) = read(xlsx(HEADER, COVER, ["1", "井盖", "破损", "水务局", "2天", ""])).bad

    assert (bad.cell, bad.reason) == ("C3", "occurs twice, first in row 2")


def test_rows_of_one_item_that_repeat_its_title_are_one_item():
    (item,) = listed(COVER, ["1", "井盖", "缺失", "水务局", "2紧急工作时", ""])

    assert len(item.conditions) == 2


def test_headings_repeated_headers_and_empty_rows_are_left_out():
    found = read(
        xlsx(
            ["清单"],
            HEADER,
            ["一、市政设施"],
            COVER,
            HEADER,
            [],
            ["2", "路灯", "不亮", "供电局", "2天", ""],
            ["注：本清单自发布之日起执行"],
            merged=["A3:F3", "A8:F8"],
        )
    )

    assert (len(found.items), found.bad) == (2, ())
    assert [note.split(":")[0] for note in found.notes] == ["部件!A3", "部件!A8"]


def test_a_list_of_the_present_catalogue_changes_what_it_names_and_keeps_the_rest():
    (present,) = parse_yaml(
        """
- item_key: manhole_cover
  title_zh: 井盖
  title_en: Manhole cover
  kind: component
  owner_rule: asset_owner
  asset_types: [manhole]
  points: 3
  conditions:
    - {cond_key: broken, text_zh: 破损, text_en: Broken, severity: high, limit_type: work_day,
       limit_value: 2, detectors: [{class: manhole_broken}]}
"""
    ).items

    (item,) = listed(COVER, present=[present])

    assert (item.item_key, item.title_en, item.points) == ("manhole_cover", "Manhole cover", 3)
    assert (item.owner_rule, item.lead_unit) == (OwnerRule.ASSET_OWNER, "water")
    (condition,) = item.conditions
    assert (condition.cond_key, condition.text_en, condition.severity) == (
        "broken",
        "Broken",
        "high",
    )
    assert (condition.limit_type, condition.limit_value) == (LimitType.WORK_HOUR, 4)
    assert condition.detectors == present.conditions[0].detectors


def test_all_sheets_with_a_header_are_read_and_the_others_named():
    book = openpyxl.load_workbook(io.BytesIO(xlsx(HEADER, COVER)))
    book.create_sheet("事件").append(["名称", "责任单位", "时限", "电话"])
    book["事件"].append(["暴露垃圾", "城市管理局", "1天", "1"])
    book.create_sheet("说明").append(["本清单自发布之日起执行"])
    hidden = book.create_sheet("旧")
    hidden.append(["名称", "时限"])
    hidden.append(["井盖", "九天"])
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)

    found = read(file.getvalue())

    assert [(item.title_zh, item.kind) for item in found.items] == [
        ("井盖", ItemKind.COMPONENT),
        ("暴露垃圾", ItemKind.EVENT),
    ]
    assert found.notes == (
        "事件!D1: column '电话' is not read",
        "sheet 说明 has no header and was left out",
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "list.csv"),
        (b"a,b\r\n1,2", "list.csv"),
        (b"PK\x03\x04 no zip", "list.xlsx"),
        (b"\xff\xfe\x00", "list.csv"),
        (b"\x81", "list.csv"),
        (b"x", "list.pdf"),
        (b"x", "list.xls"),
        (b"x", "list"),
    ],
)
def test_a_file_that_is_no_list_is_refused(data, name):
    with pytest.raises(InvalidInput):
        read(data, name)


def test_456_items_are_read_in_seconds():
    rows = [[n, f"事项{n}", "破损", "水务局、属地", "4工作时", "完好"] for n in range(1, 457)]
    data = xlsx(["清单"], HEADER, *rows, merged=["A1:F1"])
    begin = time.perf_counter()

    found = read(data)

    assert (len(found.items), found.bad) == (456, ())
    assert time.perf_counter() - begin < 10


def test_cells_are_called_as_spreadsheet_programs_call_them():
    assert [address(0, n) for n in (0, 25, 26, 701, 702)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1"]


def test_a_title_that_is_repeated_at_once_occurs_twice():
    found = read(
        xlsx(
            ["小类名称", "责任单位", "处置时限"],
            ["井盖", "水务局", "2天"],
            ["井盖", "水务局", "2天"],
        )
    )

    assert [(each.cell, each.reason) for each in found.bad] == [
        ("A3", "occurs twice, first in row 2")
    ]


def test_the_error_of_a_formula_is_a_bad_cell_of_its_item_and_nothing_else():
    found = read(
        xlsx(
            HEADER,
            ["1", "#REF!", "破损", "水务局", "2天", None],
            ["2", "路灯", "不亮", "#N/A", "#VALUE!", None],
            COVER,
        )
    )

    assert [(each.cell, each.item) for each in found.bad] == [
        ("B2", None),
        ("D3", "路灯"),
        ("E3", "路灯"),
    ]
    assert all("error of a formula" in each.reason for each in found.bad)
    assert found.unknown_units == ()
    assert [each.title_zh for each in found.items] == ["井盖"]


def test_all_bad_cells_of_an_item_are_named_at_once():
    found = read(
        xlsx(
            [*HEADER, "积分", "回访"],
            ["1", "井盖", "长" * 201, "水务局", "马上", None, "-3", "也许"],
        )
    )

    assert [each.cell for each in found.bad] == ["C2", "E2", "G2", "H2"]


def test_a_bad_code_is_named_where_it_stands():
    found = read(
        xlsx(["小类名称", "小类代码", "责任单位", "时限"], ["灯", "一号", "水务局", "2天"])
    )

    assert [each.cell for each in found.bad] == ["B2"]
    assert "no column" not in found.bad[0].reason


def test_signs_that_nobody_sees_make_no_other_title():
    (item,) = listed([*COVER[:1], "\ufeff井\u200b盖", *COVER[2:]])

    assert item.title_zh == "井盖"


def test_a_limit_may_have_its_unit_in_a_column_of_its_own():
    header = ["小类名称", "责任单位", "时限", "时限单位", "计时方式"]
    found = read(
        xlsx(
            header,
            ["灯", "水务局", 2, "工作日", "次日起算"],
            ["杆", "水务局", "1.5", "工作日", "次日起算"],
            ["箱", "水务局", 3, "", ""],
        )
    )

    assert [(each.cell, each.item) for each in found.bad] == [("E3", "杆"), ("C4", "箱")]
    (lamp,) = found.items
    assert lamp.conditions[0].limit == Limit(LimitType.WORK_DAY, 2, Policy.END_OF_DAY_FROM_NEXT)
