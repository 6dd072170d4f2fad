"""Monitor batteries and posts. Each works in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hub.deadlines import WorkCalendar, load_calendar
from hub.devices.device import LOW_BATTERY_PERCENT
from hub.geo.territories import load_boundaries
from hub.journal.unit_of_work import UnitOfWork
from hub.monitoring.episodes import SQL, Episode, begin, end, open_episodes, report
from hub.monitoring.watch import (
    Assessment,
    Matter,
    Whereabouts,
    assess_battery,
    assess_post,
)

_BATTERY_COUNTS_FOR = timedelta(minutes=30)


async def monitor_batteries(work: UnitOfWork) -> int:
    """Report each battery that has run low, once until it is charged; returns the number of new ones."""
    known = await open_episodes(work.db, Matter.LOW_BATTERY)
    facts = (LOW_BATTERY_PERCENT, work.now - _BATTERY_COUNTS_FOR)
    cursor = await work.db.execute(SQL["batteries"], facts)
    reported: list[str] = []

    async def look_at(row: tuple[str, float, datetime]) -> None:
        device_id, percent, observed_at = row
        assessment, episode = assess_battery(percent), known.get(device_id)
        if assessment is Assessment.ABNORMAL and episode is None:
            since = {device_id: min(observed_at, work.now)}
            reported.extend(await batteries_are_low(work, since, {device_id: percent}))
        elif assessment is Assessment.NORMAL and episode is not None:
            await end(work, episode)

    await work.each("device_id", {row[0]: row for row in await cursor.fetchall()}, look_at)
    return len(reported)


async def batteries_are_low(
    work: UnitOfWork, since: Mapping[str, datetime], percents: Mapping[str, float] | None = None
) -> list[str]:
    """Report low batteries of devices; returns the devices whose battery is newly reported.

    A battery that was reported and not charged since is not reported again, nor is one of long ago.
    """
    fresh = {
        device_id: at for device_id, at in since.items() if work.now - at <= _BATTERY_COUNTS_FOR
    }
    episodes = await begin(work.db, Matter.LOW_BATTERY, fresh)
    texts = {}
    for device_id in fresh:
        percent = (percents or {}).get(device_id)
        zh, en = ("", "") if percent is None else (f"（{percent:.0f}%）", f": {percent:.0f}%")
        texts[device_id] = f"终端电量低{zh}，请提醒持机人充电或更换电池 / battery low{en}"
    await report(work, Matter.LOW_BATTERY, episodes, texts)
    return [episode.device_id for episode in episodes]


async def monitor_posts(work: UnitOfWork, off_post_min: int) -> int:
    """Report each holder who is off post for `off_post_min` minutes in duty hours; returns how many are new.

    If it is 0, posts are not monitored, and open episodes end.
    """
    calendar = await load_calendar(work.db, work.now)
    on_duty = off_post_min > 0 and is_on_duty(calendar, work.now)
    known = await open_episodes(work.db, Matter.OFF_POST)
    boundaries = await load_boundaries(work.db)
    cursor = await work.db.execute(SQL["holders"])
    # Hardly anybody is off post, so most holders need no savepoint.
    noted: dict[str, tuple[str, Whereabouts, Assessment]] = {}
    for device_id, unit_key, lon, lat, accuracy_m, received_at, on_task in await cursor.fetchall():
        distance_m = boundaries.area_of(unit_key).distance_m(lon, lat)
        where = Whereabouts(received_at, distance_m, accuracy_m)
        assessment = assess_post(where, work.now, on_duty=on_duty, on_task=on_task)
        if device_id in known or assessment is Assessment.ABNORMAL:
            noted[device_id] = (device_id, where, assessment)
    reported: list[str] = []

    async def settle(row: tuple[str, Whereabouts, Assessment]) -> None:
        if await _settle_post(work, known, *row, off_post_min):
            reported.append(row[0])

    await work.each("device_id", noted, settle)
    return len(reported)


def is_on_duty(calendar: WorkCalendar, now: datetime) -> bool:
    """Whether an instant lies in working hours."""
    begins_at, _ = next(calendar.shifts(now))
    return begins_at <= now


async def _settle_post(
    work: UnitOfWork,
    known: Mapping[str, Episode],
    device_id: str,
    where: Whereabouts,
    assessment: Assessment,
    off_post_min: int,
) -> bool:
    episode = known.get(device_id)
    if episode is None:
        if assessment is Assessment.ABNORMAL:
            await begin(work.db, Matter.OFF_POST, {device_id: where.received_at})
        return False
    if assessment is Assessment.NORMAL:
        await end(work, episode)
        return False
    away_for = where.received_at - episode.since
    long_away = away_for >= timedelta(minutes=off_post_min)
    if assessment is Assessment.UNCERTAIN or not long_away or episode.signal_id is not None:
        return False
    minutes = int(away_for.total_seconds() // 60)
    text = (
        f"当班期间离开责任村（社区）已 {minutes} 分钟，距边界 {where.distance_m:.0f} 米 / "
        f"off post for {minutes} min, {where.distance_m:.0f} m beyond the boundary"
    )
    await report(work, Matter.OFF_POST, [episode], {device_id: text})
    return True
