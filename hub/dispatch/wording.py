"""The remarks on a recommended terminal, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A point for or against a terminal, for programs and for people."""

    code: str
    text_zh: str
    text_en: str


_LEVEL_ZH = {"village": "同村（社区）", "township": "同乡镇（街道）", "district": "同区"}
_LEVEL_EN = {"village": "same village", "township": "same township", "district": "same district"}


def near(distance_m: int, minutes: int) -> Remark:
    return Remark(
        "near",
        f"直线距离 {distance_m} 米，步行约 {minutes} 分钟",
        f"{distance_m} m in a straight line, about {minutes} min on foot",
    )


def territory(level: str) -> Remark:
    return Remark(f"same_{level}", _LEVEL_ZH[level], _LEVEL_EN[level])


def fresh(age_s: int) -> Remark:
    return Remark("fresh", f"位置于 {age_s} 秒前更新", f"position {age_s} s old")


def free() -> Remark:
    return Remark("free", "当前无任务", "no task in hand")


def old_position(minutes: int) -> Remark:
    return Remark(
        "old_position",
        f"位置于 {minutes} 分钟前更新，可能已离开",
        f"position {minutes} min old, may have moved on",
    )


def has_tasks(number: int) -> Remark:
    return Remark("has_tasks", f"正在执行 {number} 项任务", f"tasks in hand: {number}")


def not_rested(number: int) -> Remark:
    return Remark(
        "not_rested", f"近 4 小时已执行 {number} 项任务", f"tasks in the last 4 h: {number}"
    )


def weak_battery(percent: int) -> Remark:
    return Remark("weak_battery", f"电量 {percent}%", f"battery {percent} %")


def unknown_battery() -> Remark:
    return Remark("unknown_battery", "电量未知", "battery unknown")


def foreign_territory() -> Remark:
    return Remark("foreign_territory", "与案发地不在同一辖区", "no territory in common")


def no_video() -> Remark:
    return Remark("no_video", "不支持视频", "cannot send video")
