"""Where the terminals are and were; for operators only, like the devices themselves."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from hub.accounts.access import Observer
from hub.accounts.sight import visible_devices
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.clock import TIMEZONE
from hub.errors import InvalidInput
from hub.http.requests import Db
from hub.telemetry import store
from hub.telemetry.area import pieces_of
from hub.telemetry.coverage import coverage
from hub.telemetry.storage.layout import storage_state
from hub.telemetry.track import thin
from hub.telemetry.views import (
    Coverage,
    HourList,
    LatestList,
    OnlineRate,
    StayList,
    TrackView,
    WithinQuestion,
)
from wire.limits import EARLIEST, LATEST
from wire.messages.base import Day, Instant
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/telemetry", tags=["telemetry"])

LONGEST = timedelta(days=31)
MOST_POINTS = 2016
"""A week of five minutes."""

TerminalId = Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]
Since = Annotated[Instant, Query(description="From this instant")]
Until = Annotated[Instant, Query(description="To before this instant, at most 31 days later")]


@router.get("/latest")
async def latest_positions(db: Db, account: Observer) -> LatestList:
    """Where each terminal was last."""
    found = await store.latest(db)
    seen = await visible_devices(db, account.scope, [each.device_id for each in found])
    return LatestList(items=[each for each in found if each.device_id in seen])


@router.get("/tracks/{device_id}", dependencies=[audited(ReadKind.TRACK)])
async def track(
    db: Db,
    _account: Observer,
    device_id: TerminalId,
    day: Annotated[Day, Query(description="In the district's time zone")],
    points: Annotated[int, Query(ge=2, le=5000, description="At most this many fixes")] = 500,
    gap_s: Annotated[
        int, Query(ge=10, le=86400, description="A longer silence breaks the line")
    ] = 180,
) -> TrackView:
    """A terminal's track of a day, thinned to what matters most."""
    since, until = _day(day)
    fixes = await store.fixes(db, device_id, since, until)
    thinned = await asyncio.to_thread(thin, fixes, points, timedelta(seconds=gap_s))
    return TrackView(
        device_id=device_id,
        day=day,
        since=since,
        until=until,
        recorded=thinned.recorded,
        error_m=round(thinned.error_m, 1),
        stretches=[list(stretch) for stretch in thinned.stretches],
    )


@router.get("/hours/{device_id}", dependencies=[audited(ReadKind.TRACK)])
async def hours(
    db: Db, _account: Observer, device_id: TerminalId, since: Since, until: Until
) -> HourList:
    """What a terminal did in each hour that begins in the span: way, battery, backlog, time online."""
    return HourList(items=await store.hours(db, device_id, *_span(since, until)))


@router.post("/within", dependencies=[audited(ReadKind.POSITIONS)])
async def within(db: Db, account: Observer, question: WithinQuestion) -> StayList:
    """Who was within an area in a span of time. Nothing is changed by asking."""
    since, until = _span(question.since, question.until)
    pieces = await asyncio.to_thread(pieces_of, question.area)
    found = await store.within(db, pieces, since, until)
    seen = await visible_devices(db, account.scope, [each.device_id for each in found])
    return StayList(items=[each for each in found if each.device_id in seen])


@router.get("/coverage", dependencies=[audited(ReadKind.POSITIONS)])
async def village_coverage(
    db: Db,
    account: Observer,
    since: Since,
    until: Until,
    at_least_min: Annotated[
        int, Query(ge=1, le=1440, description="Shorter visits of a terminal don't count")
    ] = 5,
) -> Coverage:
    """Which villages were visited by terminals, how long and by whom, in the whole hours of a span."""
    since, until = _span(since, until)
    start, end = _hour(since), _hour(until + timedelta(hours=1, microseconds=-1))
    villages = await coverage(db, start, end, at_least_min)
    if account.scope.units is not None:
        villages = [each for each in villages if each.unit_key in account.scope.units]
    return Coverage(
        since=start,
        until=end,
        rolled_until=(await storage_state(db)).rolled_until,
        visited=sum(bool(village.visits) for village in villages),
        items=villages,
    )


@router.get("/online")
async def online_rate(
    db: Db,
    account: Observer,
    since: Since,
    until: Until,
    step_s: Annotated[Literal[300, 900, 3600, 86400], Query(description="Between points")] = 3600,
) -> OnlineRate:
    """The share of terminals that were heard, in slots of five minutes; backlog doesn't count."""
    since, until = _span(since, until, longest=timedelta(seconds=step_s * MOST_POINTS))
    start = since - timedelta(seconds=since.timestamp() % 300)
    points = await store.online(db, start, until, timedelta(seconds=step_s), account.scope)
    rolled_until = (await storage_state(db)).rolled_until
    return OnlineRate(step_s=step_s, rolled_until=rolled_until, points=points)


def _span(
    since: datetime, until: datetime, longest: timedelta = LONGEST
) -> tuple[datetime, datetime]:
    """In UTC. Raises InvalidInput."""
    if not EARLIEST < since < until < LATEST:
        raise InvalidInput("until must be after since, and both within reason", field="until")
    if until - since > longest:
        raise InvalidInput(
            f"the span is longer than {longest.total_seconds() / 86400:.0f} days", field="until"
        )
    return since.astimezone(UTC), until.astimezone(UTC)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day(day: date) -> tuple[datetime, datetime]:
    """From one midnight of the district to the next. Raises InvalidInput."""
    if not EARLIEST.date() < day < LATEST.date():
        raise InvalidInput(f"nothing is recorded of {day}", field="day")
    since, until = (
        datetime.combine(each, time(), TIMEZONE).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return since, until
