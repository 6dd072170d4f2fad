"""What a digest lacks, said in words. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.supervision.digest.views import DigestView, LeftOut

_LATE = timedelta(days=2)


def left_out(
    digest: DigestView, without_township: int, now: datetime, end: datetime
) -> list[LeftOut]:
    """Whatever a reader would otherwise take for complete."""
    return list(_left_out(digest, without_township, now, end))


def _left_out(
    digest: DigestView, without_township: int, now: datetime, end: datetime
) -> Iterator[LeftOut]:
    if now < end:
        yield LeftOut(
            code="day_not_over",
            text_zh="当天尚未结束，数字截至生成时刻",
            text_en="the day is not over: the figures are those until it was made",
        )
    elif now > end + _LATE:
        yield LeftOut(
            code="made_late",
            text_zh="事后补做：在办和超期为生成时的情况，不是当天的",
            text_en="made afterwards: open and overdue cases are as of then, not of the day",
        )
    imported = {each.source for each in digest.outside}
    if "police_call" not in imported:
        yield LeftOut(
            code="no_police_calls",
            text_zh="当天没有导入警情数据",
            text_en="no counts of police calls were imported for the day",
        )
    if "petition" not in imported:
        yield LeftOut(
            code="no_petitions",
            text_zh="当天没有导入信访数据",
            text_en="no counts of petitions were imported for the day",
        )
    if without_township:
        yield LeftOut(
            code="no_township",
            text_zh=f"{without_township} 件案件的位置不属于任何乡镇（街道），未计入分乡镇数字",
            text_en=f"cases outside of every township, not in the table of townships: {without_township}",
        )
    yield from _cut(digest)
    yield from _unseen(digest)


def _cut(digest: DigestView) -> Iterator[LeftOut]:
    for code, zh, cases in (
        ("new", "新增", digest.new),
        ("closed", "办结", digest.closed),
        ("overdue", "超期", digest.overdue),
    ):
        if (more := cases.total - len(cases.items)) > 0:
            yield LeftOut(
                code=f"more_{code}",
                text_zh=f"另有 {more} 件{zh}案件未列出",
                text_en=f"{code} cases that are not listed: {more}",
            )


def _unseen(digest: DigestView) -> Iterator[LeftOut]:
    if not digest.coverage.villages:
        yield LeftOut(
            code="no_villages",
            text_zh="没有村（社区）边界，无法计算巡护覆盖",
            text_en="no boundaries of villages are known, so coverage can't be told",
        )
    elif not digest.coverage.visited:
        yield LeftOut(
            code="no_positions",
            text_zh="当天没有终端位置数据，或巡护未进入任何村（社区）",
            text_en="no positions of terminals on the day, or none in any village",
        )
    if digest.cameras_away:
        yield LeftOut(
            code="cameras_away",
            text_zh=f"{len(digest.cameras_away)} 个摄像头曾离线，其间该处未被监看",
            text_en=f"cameras that were away, whose places nobody watched: {len(digest.cameras_away)}",
        )
