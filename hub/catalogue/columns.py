"""The columns of a list in a spreadsheet, and the words of its cells, in both languages. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.catalogue.item import ItemKind, OwnerRule, RoutingMode, Severity
from hub.catalogue.sheets import TextSheet, plain
from hub.deadlines import Policy
from hub.geo.territories import TerritoryLevel


class RowLevel(StrEnum):
    """What a column tells of: the item, one of its conditions, or a step of one."""

    ITEM = "item"
    CONDITION = "condition"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: its field, its title as it is exported, and other titles that lists have, the best first."""

    key: str
    level: RowLevel
    title_zh: str
    others: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        return self.title_zh, self.key, *self.others.split()


_ITEM, _CONDITION, _STEP = RowLevel
COLUMNS: Sequence[ListColumn] = (
    ListColumn("item_key", _ITEM, "事项标识", "标识"),
    ListColumn(
        "title_zh",
        _ITEM,
        "事项名称",
        "事项 名称 小类名称 小类 部件名称 事件名称 问题名称 问题类型 具体事项 清单事项 "
        "事项内容 案件类型 title item",
    ),
    ListColumn("title_en", _ITEM, "英文名称", "事项英文名称 事项名称（英文） 英文"),
    ListColumn("kind", _ITEM, "类别", "事项类别 类型 事项类型 大类 大类名称"),
    ListColumn("std_codes", _ITEM, "标准编码"),
    ListColumn("major_code", _ITEM, "大类代码", "大类编码 大类编号"),
    ListColumn(
        "minor_code", _ITEM, "小类代码", "小类编码 小类编号 代码 编码 编号 事项代码 事项编码 code"
    ),
    ListColumn("owner_rule", _ITEM, "定责规则", "定责方式"),
    ListColumn("routing_mode", _ITEM, "处置方式", "办理方式"),
    ListColumn(
        "lead_unit",
        _ITEM,
        "主责单位",
        "责任单位 牵头单位 主管部门 责任部门 处置单位 处置部门 权责单位 确权单位 承办单位 "
        "主办单位 责任主体 主责部门 牵头部门 主管单位 责任单位（部门） 责任部门（单位） 单位 "
        "unit units department",
    ),
    ListColumn(
        "assist_units",
        _ITEM,
        "协办单位",
        "配合单位 配合部门 协同单位 协助单位 协办部门 协同部门 联办单位",
    ),
    ListColumn("territory_level", _ITEM, "属地层级", "属地级别"),
    ListColumn("asset_types", _ITEM, "部件类型", "部件种类"),
    ListColumn("legal_basis", _ITEM, "法律依据", "依据 法规依据 确权依据 政策依据"),
    ListColumn("radius_m", _ITEM, "并案半径（米）", "并案半径 dedup_radius_m"),
    ListColumn("window_h", _ITEM, "并案时限（小时）", "并案时限 dedup_window_h"),
    ListColumn("verify_before_filing", _ITEM, "立案前核实", "是否核实 先核实"),
    ListColumn("callback_required", _ITEM, "回访", "是否回访 需回访"),
    ListColumn("points", _ITEM, "积分", "分值"),
    ListColumn("effective_from", _ITEM, "生效日期", "开始日期 启用日期"),
    ListColumn("effective_to", _ITEM, "失效日期", "结束日期 停用日期"),
    ListColumn("approved_by", _ITEM, "批准", "批准人 审批人 批准文号"),
    ListColumn("cond_key", _CONDITION, "情形标识"),
    ListColumn(
        "cond_text_zh",
        _CONDITION,
        "情形",
        "立案条件 立案情形 立案标准 问题情形 情形描述 具体情形 问题描述 描述 问题表现 状态 "
        "condition",
    ),
    ListColumn("cond_text_en", _CONDITION, "情形英文", "情形（英文）"),
    ListColumn("severity", _CONDITION, "风险等级", "等级 严重程度 紧急程度 级别 优先级"),
    ListColumn("evidence_required", _CONDITION, "立案须附", "立案证据 证据要求"),
    ListColumn("detectors", _CONDITION, "识别规则"),
    ListColumn("pass_score", _CONDITION, "模型核查通过分值", "自动核查分值"),
    ListColumn("pass_cleared", _CONDITION, "摄像头核查通过", "摄像机核查通过 自动核查摄像头"),
    ListColumn("step_key", _STEP, "步骤标识"),
    ListColumn("step_text_zh", _STEP, "步骤", "阶段 处置步骤 分段"),
    ListColumn("step_text_en", _STEP, "步骤英文"),
    ListColumn(
        "limit",
        _STEP,
        "时限",
        "处置时限 办理时限 处理时限 办结时限 完成时限 整改时限 时限要求 处置时间 处置期限 "
        "办理期限 期限",
    ),
    ListColumn("limit_value", _STEP, "时限值", "时限数值"),
    ListColumn("limit_type", _STEP, "时限单位", "时限类型"),
    ListColumn("policy", _STEP, "计时方式", "计时规则"),
    ListColumn("limit_note", _STEP, "时限说明"),
    ListColumn("close_condition", _STEP, "结案条件", "结案标准 办结标准 处置标准 结案要求"),
)
BY_KEY: Mapping[str, ListColumn] = {column.key: column for column in COLUMNS}
EXPORTED = tuple(
    column
    for column in COLUMNS
    if column.key not in ("major_code", "minor_code", "limit_value", "limit_type")
)
_BY_TITLE = {
    plain(title): (rank, column) for column in COLUMNS for rank, title in enumerate(column.titles)
}
_LIKE = (
    ("assist_units", r"(配合|协办|协助|协同|联动).*(单位|部门)"),
    (
        "lead_unit",
        r"(责任|主责|牵头|主管|承办|处置|权属|产权|确权|管理|办理).*(单位|部门|主体|机构)",
    ),
    ("close_condition", r"结案|办结.*(标准|条件|要求)"),
    ("cond_text_zh", r"立案|情形|问题描述"),
    ("limit", r"时限|期限"),
    ("major_code", r"大类.*(代码|编码|编号)"),
    ("minor_code", r"(代码|编码)"),
    ("legal_basis", r"依据"),
    ("severity", r"(风险|严重|紧急|危险).*(等级|程度|级别)"),
    ("kind", r"大类|类别"),
    ("title_zh", r"^(?!.*(英文|单位|部门|街道|乡镇)).*(小类|名称|事项)"),
)
"""Titles that nobody knows are taken by what they say, if no other column has the title of the field."""
_GUESSED = 100
_NUMBERS = frozenset(map(plain, ("序号", "备注", "no", "no.", "说明", "")))
_HEAD_ROWS = 30
_LONGEST_TITLE = 12


@dataclass(frozen=True, slots=True)
class ListHeader:
    """Where a list begins: the number of its first row of items, and the column of each field.

    `unknown` are the titles of columns that are not read, by column; `guessed` the fields of columns whose
    titles are only like known ones.
    """

    first_row: int
    columns: Mapping[str, int]
    unknown: Mapping[int, str]
    guessed: Mapping[int, str]


def find_header(sheet: TextSheet) -> ListHeader | None:
    """The header of a list: the row with the most known titles, one of them that of the items."""
    best: ListHeader | None = None
    for number in range(min(len(sheet.rows), _HEAD_ROWS)):
        found = _header(sheet, number)
        known = len(found.columns)
        named = {"title_zh", "item_key"} & found.columns.keys()
        if named and known >= 2 and (best is None or known > len(best.columns)):
            best = found
    return best


def _header(sheet: TextSheet, number: int) -> ListHeader:
    titles, first_row = _titles(sheet, number)
    ranked: dict[str, tuple[int, int]] = {}
    for place, title in enumerate(titles):
        rank, key = _field(title)
        if key is not None:
            ranked[key] = min(ranked.get(key, (rank, place)), (rank, place))
    columns = {key: place for key, (_, place) in ranked.items()}
    unknown = {
        place: title
        for place, title in enumerate(titles)
        if place not in columns.values() and plain(title) not in _NUMBERS
    }
    guessed = {place: key for key, (rank, place) in ranked.items() if rank == _GUESSED}
    return ListHeader(first_row, columns, unknown, guessed)


def _field(title: str) -> tuple[int, str | None]:
    """The field of a column with a rank: of several columns for a field the lowest counts."""
    word = plain(title).rstrip(":*")
    if (known := _BY_TITLE.get(word)) is not None:
        return known[0], known[1].key
    short = len(word) <= _LONGEST_TITLE
    like = (key for key, pattern in _LIKE if short and re.search(pattern, word))
    return _GUESSED, next(like, None)


def _titles(sheet: TextSheet, number: int) -> tuple[Sequence[str], int]:
    """The titles, taken from two rows if the cells of one reach down into the next."""
    upper = sheet.rows[number]
    below = number + 1
    reaches = any(
        (below, place) in sheet.continued and title and sheet.rows[below][place] == title
        for place, title in enumerate(upper)
        if below < len(sheet.rows)
    )
    if not reaches:
        return upper, below
    lower = sheet.rows[below]
    return [low or high for low, high in zip(lower, upper, strict=True)], below + 1


_KINDS = {
    "部件": ItemKind.COMPONENT,
    "部件类": ItemKind.COMPONENT,
    "城市部件": ItemKind.COMPONENT,
    "事件": ItemKind.EVENT,
    "事件类": ItemKind.EVENT,
    "城市事件": ItemKind.EVENT,
    "矛盾纠纷": ItemKind.DISPUTE,
    "纠纷": ItemKind.DISPUTE,
    "矛盾纠纷类": ItemKind.DISPUTE,
    "风险隐患": ItemKind.HAZARD,
    "隐患": ItemKind.HAZARD,
    "安全隐患": ItemKind.HAZARD,
    "风险隐患类": ItemKind.HAZARD,
    "民生服务": ItemKind.SERVICE,
    "服务": ItemKind.SERVICE,
    "民生服务类": ItemKind.SERVICE,
    "便民服务": ItemKind.SERVICE,
    "求助": ItemKind.SERVICE,
}
_SEVERITIES = {
    "高": Severity.HIGH,
    "高风险": Severity.HIGH,
    "重大": Severity.HIGH,
    "紧急": Severity.HIGH,
    "严重": Severity.HIGH,
    "中": Severity.MID,
    "中风险": Severity.MID,
    "较大": Severity.MID,
    "一般": Severity.MID,
    "低": Severity.LOW,
    "低风险": Severity.LOW,
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {word: str(kind) for word, kind in _KINDS.items()},
    "severity": {word: str(severity) for word, severity in _SEVERITIES.items()},
    "owner_rule": {
        "部件权属单位": OwnerRule.ASSET_OWNER,
        "权属单位": OwnerRule.ASSET_OWNER,
        "属地": OwnerRule.TERRITORY,
        "固定单位": OwnerRule.FIXED,
        "联合研判": OwnerRule.STUDY,
    },
    "routing_mode": {
        "直办": RoutingMode.DIRECT,
        "单位直办": RoutingMode.DIRECT,
        "联办": RoutingMode.JOINT,
        "联合处置": RoutingMode.JOINT,
    },
    "territory_level": {
        "区": TerritoryLevel.DISTRICT,
        "区县": TerritoryLevel.DISTRICT,
        "乡镇": TerritoryLevel.TOWNSHIP,
        "街道": TerritoryLevel.TOWNSHIP,
        "乡镇街道": TerritoryLevel.TOWNSHIP,
        "村": TerritoryLevel.VILLAGE,
        "社区": TerritoryLevel.VILLAGE,
        "村社区": TerritoryLevel.VILLAGE,
    },
    "policy": {
        "累计": Policy.ACCUMULATE,
        "次日起算": Policy.END_OF_DAY_FROM_NEXT,
    },
}
"""Chinese words of the fields that have a few values. The first word of a value is the exported one."""

_ENUMS: Mapping[str, type[StrEnum]] = {
    "kind": ItemKind,
    "severity": Severity,
    "owner_rule": OwnerRule,
    "routing_mode": RoutingMode,
    "territory_level": TerritoryLevel,
    "policy": Policy,
}
_YES = frozenset(map(plain, ("是", "需要", "需", "要", "yes", "y", "true", "1", "√", "✓")))
_NO = frozenset(map(plain, ("否", "不需要", "不需", "不", "no", "n", "false", "0", "×", "无")))


def value_of(key: str, text: str) -> str | None:
    """The value of a cell of a field with few values, or None if it is none of its words."""
    word = plain(text)
    if word in set(_ENUMS[key]):
        return word
    return WORDS[key].get(word)


def word_of(key: str, value: str) -> str:
    """The Chinese word of a value, as it is exported."""
    return next(word for word, meant in WORDS[key].items() if meant == value)


def choices(key: str) -> str:
    """The words that may stand in a column, for a person."""
    return ", ".join(f"{word_of(key, value)} ({value})" for value in _ENUMS[key])


def yes_or_no(text: str) -> bool | None:
    word = plain(text)
    if word in _YES:
        return True
    return False if word in _NO else None
