"""The news for a person in danger: who comes, in Chinese and English. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from hub.devices.naming import called_en, called_zh
from hub.dispatch.recommend import WALKING_M_S

_WAY = re.compile(r"（约 [^）]*）| \(about [^)]*\)")


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who was sent to a person in danger; `distance_m` is None if it is unknown."""

    device_id: str
    holder: str | None
    accepted: bool
    distance_m: float | None

    @property
    def name_zh(self) -> str:
        return called_zh(self.device_id, self.holder)

    @property
    def name_en(self) -> str:
        return called_en(self.device_id, self.holder)


def news_of_helpers(helpers: Sequence[Helper]) -> str:
    """Those who come first, then those who have been asked."""
    ordered = sorted(helpers, key=lambda each: not each.accepted)
    zh = "".join(_line_zh(each) for each in ordered) or "正在寻找能赶来的人，指挥中心已收到警报。"
    en = (
        " ".join(_line_en(each) for each in ordered)
        or "The centre is looking for somebody near you."
    )
    return (
        f"您的求助已收到。{zh}请保持终端开机。\n"
        f"Your call for help has arrived. {en} Keep the terminal switched on."
    )


def is_same_news(one: str, other: str) -> bool:
    """Whether two texts tell of the same people; a shorter way alone is no news."""
    return _WAY.sub("", one) == _WAY.sub("", other)


def _line_zh(helper: Helper) -> str:
    if not helper.accepted:
        return f"已通知{helper.name_zh}，等待应答。"
    way = _way(helper)
    return f"{helper.name_zh}正在赶来{f'（约 {way[0]} 米，步行约 {way[1]} 分钟）' if way else ''}。"


def _line_en(helper: Helper) -> str:
    if not helper.accepted:
        return f"{helper.name_en} has been asked."
    way = _way(helper)
    return f"{helper.name_en} is on the way{f' (about {way[0]} m, {way[1]} min on foot)' if way else ''}."


def _way(helper: Helper) -> tuple[int, int] | None:
    """Metres to ten, and minutes; at least ten metres and a minute."""
    if helper.distance_m is None:
        return None
    metres = max(10, int(round(helper.distance_m, -1)))
    return metres, ceil(metres / WALKING_M_S / 60)
