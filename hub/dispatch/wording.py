"""What a dispatcher reads about a recommendation, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A point for or against, for programs and for people."""

    code: str
    text_zh: str
    text_en: str


_LEVEL_ZH = {"village": "同村（社区）", "township": "同乡镇（街道）", "district": "同区"}
_LEVEL_EN = {"village": "same village", "township": "same township", "district": "same district"}


def near(distance_m: int, minutes: int) -> Reason:
    return Reason(
        "near",
        f"直线距离 {distance_m} 米，步行约 {minutes} 分钟",
        f"{distance_m} m in a straight line, about {minutes} min on foot",
    )


def territory(level: str) -> Reason:
    return Reason(f"same_{level}", _LEVEL_ZH[level], _LEVEL_EN[level])


def fresh(age_s: int) -> Reason:
    return Reason("fresh", f"{age_s} 秒前的位置", f"position {age_s} s old")


def free() -> Reason:
    return Reason("free", "当前无任务", "no task in hand")


def old_position(minutes: int) -> Reason:
    return Reason(
        "old_position",
        f"位置为 {minutes} 分钟前，可能已离开",
        f"position {minutes} min old, may have moved on",
    )


def has_tasks(number: int) -> Reason:
    return Reason("has_tasks", f"正在执行 {number} 项任务", f"tasks in hand: {number}")


def not_rested(number: int) -> Reason:
    return Reason(
        "not_rested", f"近 4 小时已派 {number} 次", f"times sent in the last 4 h: {number}"
    )


def weak_battery(percent: int) -> Reason:
    return Reason("weak_battery", f"电量 {percent}%", f"battery {percent} %")


def unknown_battery() -> Reason:
    return Reason("unknown_battery", "电量未知", "battery unknown")


def foreign_territory() -> Reason:
    return Reason("foreign_territory", "不属本区域", "belongs to no territory in common")


def no_video() -> Reason:
    return Reason("no_video", "不能视频", "cannot send video")
