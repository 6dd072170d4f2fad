"""Make the digest of a day, and keep it once the day is over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.clock import TIMEZONE
from hub.db import Connection
from hub.devices.device import Presence
from hub.errors import InvalidInput
from hub.indicators.case_sets import CaseSet, Grouping, unit_tree
from hub.indicators.definitions import SatisfactionBase
from hub.indicators.figures import Figures
from hub.indicators.keeping import keep_up_fully
from hub.indicators.periods import Period, PeriodKind
from hub.indicators.questions import IndicatorQuestion, figures_apart
from hub.indicators.scores import PressCount
from hub.indicators.scoring import presses_of
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.digest.away import PresenceChange, minutes_away
from hub.supervision.digest.clusters import Cluster, Happening, clusters
from hub.supervision.digest.left_out import left_out
from hub.supervision.digest.outside_counts import SQL, OutsideSource
from hub.supervision.digest.views import (
    AwayDevice,
    CategoryCount,
    DigestCase,
    DigestCases,
    DigestView,
    HotSpot,
    PatrolCoverage,
    TownshipRow,
    WeakUnit,
)
from hub.supervision.digest.weakness import weak_figures
from hub.telemetry.coverage import coverage

READY_HOUR = 6
"""The digest of a day is made on the next one at this local hour."""
MOST_CASES = 50
MOST_NAMES = 30
AWAY_LEAST_MIN = 30
STAY_MIN = 5
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    since: datetime
    until: datetime
    """The end of the day, or now."""


async def digest_of(db: Connection, day: date, now: datetime) -> DigestView:
    """The kept digest of a day, or one that is made now. Raises InvalidInput for a day to come."""
    row = await (await db.execute(SQL["kept"], (day,))).fetchone()
    if row is not None:
        return DigestView.model_validate(row[0])
    return await _made(db, day, now)


async def keep_when_due(work: UnitOfWork) -> int:
    """The sweep: keep the digest of yesterday once it is time. Returns 0 or 1."""
    local = work.now.astimezone(TIMEZONE)
    yesterday = local.date() - timedelta(days=1)
    if local.hour < READY_HOUR:
        return 0
    if await (await work.db.execute(SQL["kept"], (yesterday,))).fetchone() is not None:
        return 0
    await keep_up_fully(work)  # what makes units weak is measured
    made = await _made(work.db, yesterday, work.now)
    body = made.model_dump(mode="json")
    await work.db.execute(SQL["keep"], (yesterday, work.now, Jsonb(body)))
    figures = {"new": made.new.total, "closed": made.closed.total, "overdue": made.overdue.total}
    work.record(
        NewEntry(
            Subject.DIGEST,
            yesterday.isoformat(),
            "digest_made",
            "system:digest",
            work.now,
            data={**figures, "left_out": [each.code for each in made.left_out]},
        )
    )
    return 1


async def _made(db: Connection, day: date, now: datetime) -> DigestView:
    since = datetime.combine(day, time(), TIMEZONE)
    end = since + timedelta(days=1)
    if since > now:
        raise InvalidInput(f"{day} has not begun", field="day")
    span = _Day(day, since, min(end, now))
    moves = await _rows(db, "moves", {"since": since, "until": span.until})
    open_row = (await _rows(db, "open", {"until": span.until}))[0]
    townships, outside = await _townships(db, span, moves)
    cameras, terminals = await _away(db, span)
    covered = await _coverage(db, span)
    made = DigestView(
        day=day,
        made_at=now,
        final=now >= end,
        new=_cases(moves, "file"),
        closed=_cases(moves, None),
        overdue=_cases(moves, "overdue"),
        open_cases=open_row["open"],
        overdue_open=open_row["late"],
        townships=townships,
        outside=outside,
        weak_units=await _weak_units(db, span),
        hot_spots=await _hot_spots(db, span),
        coverage=covered,
        cameras_away=cameras,
        terminals_away=terminals,
        left_out=[],
    )
    without = len({each["case_id"] for each in moves if each["township"] is None})
    return made.model_copy(update={"left_out": left_out(made, without, now, end)})


async def _rows(db: Connection, query: str, facts: Any = None) -> list[dict[str, Any]]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[query], facts)
        return await cursor.fetchall()


def _of_kind(moves: list[dict[str, Any]], event: str | None) -> list[dict[str, Any]]:
    """The rows of an event; None: whichever event closed the case, once for each case."""
    if event is not None:
        return [each for each in moves if each["event"] == event]
    closed = (each for each in moves if each["event"] not in ("file", "overdue"))
    return list({each["case_id"]: each for each in closed}.values())


def _cases(moves: list[dict[str, Any]], event: str | None) -> DigestCases:
    found = _of_kind(moves, event)
    shown = [DigestCase.model_validate(each) for each in found[:MOST_CASES]]
    return DigestCases(total=len(found), items=shown)


async def _townships(
    db: Connection, span: _Day, moves: list[dict[str, Any]]
) -> tuple[list[TownshipRow], list[CategoryCount]]:
    outside = await _rows(db, "outside", (span.day,))
    late_rows = await (await db.execute(SQL["late_by_township"])).fetchall()
    late: dict[str, int] = {row[0]: row[1] for row in late_rows}
    imported = {each["source"] for each in outside}

    def counted(source: OutsideSource, key: str) -> int | None:
        if source not in imported:
            return None
        found = (e for e in outside if (e["source"], e["township"]) == (source, key))
        return sum(int(each["count"]) for each in found)

    def moved(event: str | None, key: str) -> int:
        return sum(each["township"] == key for each in _of_kind(moves, event))

    rows = [
        TownshipRow(
            unit_key=key,
            name_zh=zh,
            name_en=en,
            new=moved("file", key),
            closed=moved(None, key),
            overdue_open=late.get(key, 0),
            police_calls=counted(OutsideSource.POLICE_CALL, key),
            petitions=counted(OutsideSource.PETITION, key),
        )
        for key, zh, en in await (await db.execute(SQL["townships"])).fetchall()
    ]
    return rows, _categories(outside)


def _categories(outside: list[dict[str, Any]]) -> list[CategoryCount]:
    """The counts of others by source and category."""
    totals: dict[tuple[str, str], int] = {}
    for each in outside:
        key = (each["source"], each["category"])
        totals[key] = totals.get(key, 0) + int(each["count"])
    return [
        CategoryCount(source=source, category=category, count=count)
        for (source, category), count in sorted(totals.items())
    ]


async def _weak_units(db: Connection, span: _Day) -> list[WeakUnit]:
    """By the indicators of the week that ends with the day."""
    week = Period(PeriodKind.DAYS, span.day - timedelta(days=6), span.day + timedelta(days=1))
    asked = IndicatorQuestion(week, CaseSet(), span.until, SatisfactionBase.ANSWERED)
    tree = await unit_tree(db)
    figures = await figures_apart(db, asked, Grouping.UNIT, tree)
    pressed = await presses_of(db, asked)
    weak = []
    for key, unit in sorted(tree.units.items()):
        unanswered = pressed.get(key, {}).get(PressCount.UNANSWERED_LETTERS, 0)
        if because := weak_figures(figures.get(key, Figures()), unanswered):
            weak.append(
                WeakUnit(unit_key=key, name_zh=unit.name_zh, name_en=unit.name_en, because=because)
            )
    return sorted(weak, key=lambda each: (-len(each.because), each.unit_key))


async def _hot_spots(db: Connection, span: _Day) -> list[HotSpot]:
    facts = {"since": span.until - _WEEK, "until": span.until}
    rows = await (await db.execute(SQL["recent"], facts)).fetchall()
    found = clusters([Happening(*row) for row in rows])[:20]
    ids = [member.case_id for each in found for member in each.members]
    named = {row["case_id"]: row for row in await _rows(db, "cases_named", (ids,))}
    return [_hot_spot(each, named) for each in found]


def _hot_spot(cluster: Cluster, named: dict[int, dict[str, Any]]) -> HotSpot:
    known = [named[each.case_id] for each in cluster.members]
    return HotSpot(
        lon=round(cluster.lon, 6),
        lat=round(cluster.lat, 6),
        spread_m=round(cluster.spread_m, 1),
        cases=len(known),
        first_at=cluster.first_at,
        last_at=cluster.last_at,
        case_nos=[each["case_no"] for each in known[:MOST_NAMES]],
        titles_zh=sorted({each["title_zh"] for each in known if each["title_zh"]}),
        titles_en=sorted({each["title_en"] for each in known if each["title_en"]}),
        township_zh=known[0]["township_zh"],
        township_en=known[0]["township_en"],
    )


async def _coverage(db: Connection, span: _Day) -> PatrolCoverage:
    """In whole hours, as positions are rolled up."""
    until = span.until.replace(minute=0, second=0, microsecond=0)
    if until <= span.since:
        until = span.since + timedelta(hours=1)
    villages = await coverage(db, span.since, until, STAY_MIN)
    empty = [each for each in villages if not each.visits]
    return PatrolCoverage(
        villages=len(villages),
        visited=len(villages) - len(empty),
        unvisited_zh=[each.name_zh for each in empty[:MOST_NAMES]],
        unvisited_en=[each.name_en for each in empty[:MOST_NAMES]],
    )


async def _away(db: Connection, span: _Day) -> tuple[list[AwayDevice], list[AwayDevice]]:
    rows = await _rows(db, "presence", {"since": span.since, "until": span.until})
    found: dict[str, list[AwayDevice]] = {"cameras": [], "terminals": []}
    for _, group in groupby(rows, key=itemgetter("device_id")):
        device = _device(list(group), span)
        if device.minutes >= AWAY_LEAST_MIN:
            found[device.kind].append(device)
    for devices in found.values():
        devices.sort(key=lambda each: (-each.minutes, each.device_id))
    return found["cameras"], found["terminals"]


def _device(rows: list[dict[str, Any]], span: _Day) -> AwayDevice:
    first = rows[0]
    before = None if first["before"] is None else Presence(first["before"])
    changes = [PresenceChange(r["at"], Presence(r["to_state"])) for r in rows if r["at"]]
    minutes, still = minutes_away(before, changes, span.since, span.until)
    return AwayDevice(
        device_id=first["device_id"],
        kind=first["kind"],
        name_zh=first["name_zh"],
        name_en=first["name_en"],
        minutes=minutes,
        still=still,
    )
