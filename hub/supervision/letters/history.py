"""What happened in a case, in the words of a letter. Pure."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from hub.cases import Event
from hub.journal import Entry

MOST_ROWS = 30
"""The newest are kept."""

_EVENTS: dict[str, tuple[str, str]] = {
    Event.FILE: ("立案", "filed"),
    Event.ROUTE: ("派遣", "routed"),
    Event.REFER_STUDY: ("提交联合研判", "referred to joint study"),
    Event.RULE: ("研判裁定并派遣", "ruled and routed"),
    Event.SIGN: ("签收", "signed for"),
    Event.RETURN: ("退单", "returned"),
    Event.EXTEND: ("批准延期", "extension granted"),
    Event.SUSPEND: ("批准挂起", "suspension granted"),
    Event.RESUME: ("恢复办理", "resumed"),
    Event.FEEDBACK: ("反馈办理结果", "feedback"),
    Event.FAIL: ("核查不通过，返工", "check failed, rework"),
    Event.NOT_SATISFIED: ("回访不满意，返工", "caller not satisfied, rework"),
    Event.OVERDUE: ("超期", "overdue"),
    Event.EXPLAIN: ("说明超期原因", "explained"),
    Event.ESCALATE: ("升级", "escalated"),
    Event.RECUR: ("再次发生", "recurred"),
}


class HistoryRow(BaseModel):
    at: datetime
    text_zh: str
    text_en: str


def history_of(entries: Sequence[Entry]) -> list[HistoryRow]:
    """The moves of a case and what the ladder did, oldest first."""
    rows = [row for entry in entries if (row := _row(entry)) is not None]
    return rows[-MOST_ROWS:]


def _row(entry: Entry) -> HistoryRow | None:
    if entry.event in _EVENTS:
        zh, en = _EVENTS[entry.event]
        if entry.reason:
            zh, en = f"{zh}：{entry.reason}", f"{en}: {entry.reason}"
        return HistoryRow(at=entry.at, text_zh=zh, text_en=en)
    zh_said, en_said = entry.data.get("text_zh"), entry.data.get("text_en")
    if isinstance(zh_said, str) and isinstance(en_said, str):
        return HistoryRow(at=entry.at, text_zh=zh_said, text_en=en_said)
    return None
