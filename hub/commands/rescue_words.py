"""The words for those who are sent to a person in danger. Pure."""

from hub.cases.case_facts import Caller
from wire.messages import CommandType

_CALLS_ZH = {"sos": "发出求助警报（SOS）", "fall": "可能跌倒受伤"}
_CALLS_EN = {"sos": "calls for help (SOS)", "fall": "may have fallen and be hurt"}


def rescue_text(type_: CommandType, caller: Caller) -> str:
    """What to do for a person in danger, in Chinese and English; for each kind of task alike."""
    ask_zh = "到达后拍照回传。" if type_ is CommandType.VERIFY else ""
    ask_en = " Send a photo when you are there." if type_ is CommandType.VERIFY else ""
    return (
        f"有人需要帮助：{caller.name_zh}{_CALLS_ZH[caller.type]}。请立即赶到本人身边，途中先呼叫本人了解情况。"
        f"{_where_zh(caller)}这不是看守任务，无需摆放警示标志。{ask_zh}\n"
        f"A person needs help: {caller.name_en} {_CALLS_EN[caller.type]}. Go to them at once, and call them"
        f" on the way.{_where_en(caller)} This is no guard of a place: do not cone anything off.{ask_en}"
    )


def _where_zh(caller: Caller) -> str:
    if not caller.place_known:
        return "位置不明，所附位置仅为其责任区域，请先呼叫。"
    minutes = caller.place_age_min
    return f"所附位置为 {minutes} 分钟前的定位，本人可能已离开。" if minutes else ""


def _where_en(caller: Caller) -> str:
    if not caller.place_known:
        return " The place is unknown; the one given is only their area: call first."
    minutes = caller.place_age_min
    return f" The position is {minutes} min old; they may have moved on." if minutes else ""
