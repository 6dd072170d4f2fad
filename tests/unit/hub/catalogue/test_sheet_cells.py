"""The cells of districts' own lists: units, codes, kinds and words."""

import pytest

from hub.catalogue.item import ItemKind, OwnerRule, RoutingMode
from tests.unit.hub.catalogue.lists import COVER, HEADER, csv, listed, read, xlsx


@pytest.mark.parametrize(
    ("units", "rule", "lead", "assist", "mode"),
    [
        ("水务局", OwnerRule.FIXED, "water", (), RoutingMode.DIRECT),
        ("水务局、住房和城乡建设局", OwnerRule.FIXED, "water", ("housing",), RoutingMode.DIRECT),
        (
            "水务局，城市管理局；供电局",
            OwnerRule.FIXED,
            "water",
            ("urban", "power"),
            RoutingMode.DIRECT,
        ),
        ("住房和城乡\n建设局", OwnerRule.FIXED, "housing", (), RoutingMode.DIRECT),
        ("水务局\n供电局", OwnerRule.FIXED, "water", ("power",), RoutingMode.DIRECT),
        (" 水 务 局 ", OwnerRule.FIXED, "water", (), RoutingMode.DIRECT),
        ("Water Affairs", OwnerRule.FIXED, "water", (), RoutingMode.DIRECT),
        ("water", OwnerRule.FIXED, "water", (), RoutingMode.DIRECT),
        ("建委", OwnerRule.FIXED, "housing", (), RoutingMode.DIRECT),
        ("属地", OwnerRule.TERRITORY, None, (), RoutingMode.DIRECT),
        ("属地、城市管理局", OwnerRule.TERRITORY, None, ("urban",), RoutingMode.DIRECT),
        ("城市管理局、属地", OwnerRule.FIXED, "urban", (), RoutingMode.JOINT),
        ("各产权单位", OwnerRule.STUDY, None, (), RoutingMode.DIRECT),
        ("各产权单位、供电局", OwnerRule.STUDY, None, ("power",), RoutingMode.DIRECT),
    ],
)
def test_units_are_matched_and_confirmed_names_have_their_meaning(units, rule, lead, assist, mode):
    (item,) = listed(["1", "井盖", "破损", units, "4工作时", ""])

    assert (item.owner_rule, item.lead_unit, item.assist_units) == (rule, lead, assist)
    assert item.routing_mode == mode


@pytest.mark.parametrize(
    ("units", "reason", "suggested"),
    [
        ("供电公司", "did you mean 供电局 (power)", ("power",)),
        ("相关权属单位", "is no registered unit; confirm", ()),
        ("水务局、住建", "住建 is no registered unit", ()),
        ("城关镇", "is the name of several units", ()),
    ],
)
def test_a_name_without_a_meaning_is_a_bad_cell_and_waits_for_a_person(units, reason, suggested):
    found = read(xlsx(["清单"], HEADER, COVER, ["2", "路灯", "不亮", units, "2天", ""]))

    (bad,) = found.bad
    assert (bad.where, bad.item) == ("部件!D4", "路灯")
    assert reason in bad.reason
    (unknown,) = found.unknown_units
    assert (unknown.suggestions, unknown.cells) == (suggested, ("部件!D4",))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([1, "03", 12], ["01", "03", "12"]),
        ([1, "003", 12], ["001", "003", "012"]),
        (["1", "2", "104"], ["001", "002", "104"]),
        (["1.0", "A3", 7], ["1.0", "A3", "07"]),
    ],
)
def test_codes_have_the_width_of_the_longest(codes, expected):
    titles = ["甲", "乙", "丙"]
    items = listed(
        *(
            [code, title, "破损", "水务局", "2天", ""]
            for code, title in zip(codes, titles, strict=True)
        )
    )

    assert [item.std_codes[0].code for item in items] == expected


def test_major_and_minor_codes_are_joined():
    (item,) = read(
        xlsx(
            ["大类代码", "小类代码", "名称", "责任单位", "时限"],
            [1, "03", "井盖", "水务局", "2天"],
        )
    ).items

    (code,) = item.std_codes
    assert (code.code, code.edition, code.verified) == ("0103", "local", "local")


def test_the_kind_is_read_from_its_column_the_sheet_s_name_or_the_caller():
    rows = [["类别", "名称", "责任单位", "时限"], ["矛盾纠纷", "欠薪", "水务局", "7个工作日"]]
    (item,) = read(xlsx(*rows, title="清单")).items
    assert (item.kind, item.routing_mode) == (ItemKind.DISPUTE, RoutingMode.JOINT)
    plain = [HEADER, COVER]
    assert read(xlsx(*plain, title="事件类")).items[0].kind is ItemKind.EVENT
    assert read(xlsx(*plain, title="1"), kind=ItemKind.SERVICE).items[0].kind is ItemKind.SERVICE
    (bad,) = read(xlsx(*plain, title="Sheet1")).bad
    assert "there is no column for kind" in bad.reason


def test_a_major_class_of_the_standard_is_no_kind():
    rows = [["大类", "名称", "责任单位", "时限"], ["公用设施", "井盖", "水务局", "2天"]]

    found = read(xlsx(*rows))

    assert (found.items[0].kind, found.bad) == (ItemKind.COMPONENT, ())
    assert any("大类" in note for note in found.notes)


@pytest.mark.parametrize(
    ("title", "text", "complaint"),
    [
        ("类别", "其他", "is none of 部件"),
        ("风险等级", "特别", "is none of"),
        ("定责规则", "随便", "is none of"),
        ("回访", "也许", "neither 是 nor 否"),
        ("生效日期", "明年", "is no day"),
        ("积分", "三", "is no number"),
        ("积分", "-1", "greater than or equal to 0"),
        ("并案半径", "0", "greater than 0"),
        ("计时方式", "随便", "is none of"),
        ("识别规则", "a b", "is not a class"),
        ("部件类型", "井盖", "should match pattern"),
        ("标准编码", "GB 1", "is not edition"),
    ],
)
def test_a_word_that_a_column_doesn_t_have_is_a_bad_cell(title, text, complaint):
    rows = [["名称", "责任单位", "时限", title], ["井盖", "水务局", "2天", text]]

    (bad,) = read(xlsx(*rows)).bad

    assert bad.where == "部件!D2"
    assert complaint in bad.reason


@pytest.mark.parametrize("merged", [True, False])
def test_a_kind_and_a_class_that_are_merged_over_several_items_hold_for_all_of_them(merged):
    rows = [
        ["类别", "大类代码", "小类代码", "名称", "责任单位", "时限"],
        ["事件", "1", "02", "暴露垃圾", "城市管理局", "1个工作日"],
        ["", "", "03", "积存渣土", "城市管理局", "4个工作日"],
        ["部件", "2", "01", "路灯", "供电局", "2天"],
        ["", "", "", "灯杆", "供电局", "2天"],
    ]
    if merged:
        areas = ["A2:A3", "B2:B3", "A4:A5", "B4:B5"]
        blank = [[each or None for each in row] for row in rows]
        found = read(xlsx(*blank, title="清单", merged=areas))
    else:
        found = read(csv(*rows).encode("gbk"), "list.csv")

    assert found.bad == ()
    kinds = [item.kind for item in found.items]
    assert kinds == [ItemKind.EVENT, ItemKind.EVENT, ItemKind.COMPONENT, ItemKind.COMPONENT]
    codes = [[code.code for code in item.std_codes] for item in found.items]
    assert codes == [["0102"], ["0103"], ["0201"], []]


def test_columns_are_found_by_titles_that_are_only_like_known_ones():
    found = read(
        xlsx(
            [
                "部件大类",
                "部件小类",
                "立案的条件",
                "第一责任单位",
                "处置时限（工作日）",
                "联系电话",
            ],
            ["公用设施", "井盖", "破损", "水务局", 2, "1"],
        )
    )

    (item,) = found.items
    (condition,) = item.conditions
    assert (item.title_zh, item.lead_unit, condition.text_zh) == ("井盖", "water", "破损")
    assert (condition.limit_type, condition.limit_value) == ("work_day", 2)
    assert "部件!B1: column '部件小类' is read as title_zh" in found.notes
    assert "部件!F1: column '联系电话' is not read" in found.notes


def test_a_number_without_a_unit_is_no_limit():
    (bad,) = read(xlsx(["名称", "责任单位", "时限"], ["井盖", "水务局", 2])).bad

    assert (bad.cell, "is no limit" in bad.reason) == ("C2", True)
