"""Points as tables that leave the hub."""

from typing import Literal

from hub.points.ledger import PointsKind
from hub.points.views import PointsEntryView, PointsStandingView
from hub.tables import Cell, Column, ColumnKind, Sum, Table

Language = Literal["zh", "en"]

KIND_NAMES = {
    PointsKind.REPORT: ("有效上报", "Valid report"),
    PointsKind.FIRST_REPORTER: ("首报加分", "First reporter"),
    PointsKind.VERIFICATION: ("完成核实", "Verification"),
    PointsKind.DUPLICATE: ("重复上报", "Duplicate"),
    PointsKind.INVALID: ("无效上报", "Invalid report"),
    PointsKind.REVERSAL: ("冲销", "Reversal"),
    PointsKind.PAYMENT: ("兑付", "Payment"),
}
_COUNTED = (
    ("reports", "有效上报", "Valid reports"),
    ("first_reports", "首报", "First reports"),
    ("verifications", "核实", "Verifications"),
    ("duplicates", "重复", "Duplicates"),
    ("invalid", "无效", "Invalid"),
    ("reversals", "冲销", "Reversals"),
    ("earned", "本期积分", "Points of the period"),
    ("payable", "应付积分", "Payable"),
    ("balance", "现有余额", "Balance now"),
)


def standings_table(period: str, found: list[PointsStandingView], language: Language) -> Table:
    """Workers with what they earned, and a total row."""
    at = 0 if language == "zh" else 1
    names = (("编号", "Id"), ("姓名", "Name"), ("村（社区）", "Village"))
    columns = [Column(f"name_{n}", each[at]) for n, each in enumerate(names)]
    columns += [Column(key, titles[at], ColumnKind.COUNT, Sum()) for key, *titles in _COUNTED]
    rows: list[list[Cell]] = [
        [
            each.worker_id,
            each.name,
            each.village_name_zh if language == "zh" else each.village_name_en,
            *(getattr(each, key) for key, *_ in _COUNTED),
        ]
        for each in found
    ]
    title = f"积分 {period}" if language == "zh" else f"Points {period}"
    return Table(title, tuple(columns), rows, "合计" if language == "zh" else "Total")


def ledger_table(worker_id: str, entries: list[PointsEntryView], language: Language) -> Table:
    """The entries of a worker, the oldest first."""
    at = 0 if language == "zh" else 1
    titles = (
        ("no", "序号", "No.", ColumnKind.TEXT, None),
        ("at", "时间", "Time", ColumnKind.INSTANT, None),
        ("kind", "事由", "For", ColumnKind.TEXT, None),
        ("case", "案件编号", "Case", ColumnKind.TEXT, None),
        ("period", "结算期", "Period", ColumnKind.TEXT, None),
        ("before", "变动前", "Before", ColumnKind.COUNT, None),
        ("points", "积分", "Points", ColumnKind.COUNT, Sum()),
        ("after", "变动后", "After", ColumnKind.COUNT, None),
        ("reverses", "冲销序号", "Reverses no.", ColumnKind.TEXT, None),
    )
    columns = tuple(
        Column(key, zh if at == 0 else en, kind, total) for key, zh, en, kind, total in titles
    )
    rows: list[list[Cell]] = [
        [
            str(each.entry_no),
            each.at,
            KIND_NAMES[each.kind][at],
            each.case_no or "",
            each.period,
            each.balance_before,
            each.points,
            each.balance_after,
            "" if each.reverses is None else str(each.reverses),
        ]
        for each in reversed(entries)
    ]
    title = f"积分明细 {worker_id}" if language == "zh" else f"Ledger {worker_id}"
    return Table(title[:31], columns, rows, "合计" if language == "zh" else "Total")
