"""The list of cases as a table, in either language."""

from collections.abc import AsyncIterator
from enum import StrEnum

from hub.accounts.account import Account
from hub.casefile.asking import WantedCases
from hub.cases import State
from hub.cases.listing import all_cases
from hub.cases.views import CaseRecord
from hub.catalogue import Severity
from hub.db import Connection
from hub.tables import Cell, Column, ColumnKind, Row, Sum, Table

STATES = {
    State.FILED: ("待派遣", "Filed"),
    State.JOINT_STUDY: ("联合研判", "Joint study"),
    State.ROUTED: ("待签收", "Routed"),
    State.HANDLING: ("处置中", "Handling"),
    State.FEEDBACK: ("已反馈", "Fed back"),
    State.VERIFYING: ("核查中", "Verifying"),
    State.CALLBACK: ("回访中", "Call-back"),
    State.CLOSED: ("已结案", "Closed"),
    State.MERGED: ("已合并", "Merged"),
    State.VOID: ("已作废", "Void"),
    State.REOPENED: ("复发重办", "Reopened"),
}
SEVERITIES = {
    Severity.LOW: ("低", "Low"),
    Severity.MID: ("中", "Medium"),
    Severity.HIGH: ("高", "High"),
}
_COLUMNS: tuple[tuple[str, str, str, ColumnKind], ...] = (
    ("case_no", "案件编号", "Case", ColumnKind.TEXT),
    ("title", "事项", "Item", ColumnKind.TEXT),
    ("condition", "情形", "Condition", ColumnKind.TEXT),
    ("severity", "严重程度", "Severity", ColumnKind.TEXT),
    ("state", "状态", "State", ColumnKind.TEXT),
    ("lead_unit", "责任单位", "Unit", ColumnKind.TEXT),
    ("territory", "属地", "Territory", ColumnKind.TEXT),
    ("road", "道路", "Road", ColumnKind.TEXT),
    ("asset", "部件", "Asset", ColumnKind.TEXT),
    ("text", "说明", "Text", ColumnKind.TEXT),
    ("filed_at", "立案时间", "Filed", ColumnKind.INSTANT),
    ("routed_at", "派遣时间", "Routed", ColumnKind.INSTANT),
    ("due_at", "截止时间", "Deadline", ColumnKind.INSTANT),
    ("feedback_at", "反馈时间", "Fed back", ColumnKind.INSTANT),
    ("closed_at", "结案时间", "Closed", ColumnKind.INSTANT),
    ("lon", "经度", "Longitude", ColumnKind.TEXT),
    ("lat", "纬度", "Latitude", ColumnKind.TEXT),
    ("overdue", "超期", "Overdue", ColumnKind.COUNT),
    ("rework", "返工", "Rework", ColumnKind.COUNT),
    ("extensions", "延期", "Extensions", ColumnKind.COUNT),
    ("signals", "线索数", "Signals", ColumnKind.COUNT),
)


class TableLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


def cases_table(
    db: Connection, account: Account, wanted: WantedCases, language: TableLanguage
) -> Table:
    """All cases that an account sees and asks for, in that order, with the sums of what is counted."""
    at = 0 if language is TableLanguage.ZH else 1
    return Table(
        title=("案件", "Cases")[at],
        columns=tuple(
            Column(key, titles[at], kind, Sum() if kind is ColumnKind.COUNT else None)
            for key, *titles, kind in _COLUMNS
        ),
        rows=_rows(db, account, wanted, at),
        total_title=("合计", "Total")[at],
    )


async def _rows(
    db: Connection, account: Account, wanted: WantedCases, at: int
) -> AsyncIterator[Row]:
    async for case in all_cases(db, wanted.filter(account.scope), wanted.order()):
        yield _row(case, at)


def _row(case: CaseRecord, at: int) -> list[Cell]:
    asset = _one(at, case.asset_name_zh, case.asset_name_en)
    return [
        case.case_no,
        _one(at, case.title_zh, case.title_en),
        _one(at, case.condition_text_zh, case.condition_text_en),
        SEVERITIES[case.severity][at],
        STATES[case.state][at],
        _one(at, case.lead_unit_name_zh, case.lead_unit_name_en),
        _one(at, case.territory_name_zh, case.territory_name_en),
        _one(at, case.road_zh, case.road_en),
        case.asset_id if asset is None else f"{case.asset_id} {asset}",
        case.text,
        case.filed_at,
        case.routed_at,
        case.due_at,
        case.feedback_at,
        case.closed_at,
        f"{case.place.lon:.6f}",
        f"{case.place.lat:.6f}",
        int(case.overdue),
        case.rework,
        case.extensions,
        case.signal_count,
    ]


def _one(at: int, chinese: str | None, english: str | None) -> str | None:
    return (chinese, english)[at]
