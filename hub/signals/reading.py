"""Signals for people to read: with photo checks, names, and the reasons why they wait."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from psycopg.rows import class_row, dict_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.accounts.store import names_of
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import NotFound
from hub.geo.distance import box_around, distance_m
from hub.geo.views import PlaceView
from hub.journal import Subject, entries_of
from hub.signals.course import Action
from hub.signals.reporters import masked_contact, masked_name
from hub.signals.signal import SourceKind, WaitingReason
from hub.signals.store import SQL
from hub.signals.views import (
    DecisionView,
    EvidenceView,
    MonitoredCount,
    MonitoredList,
    NearbyCaseView,
    ReporterView,
    SignalDetail,
    SignalView,
    WaitingList,
    WaitingSignalView,
)
from wire.limits import MAX_INTEGER

NEARBY_M = 300.0
_NEARBY_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFilter:
    """Which waiting signals to list; `text` is searched for in their texts and in names.

    `after` is the last signal that was seen.
    """

    why: tuple[WaitingReason, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    text: str | None = None
    snoozed: bool = False
    by_urgency: bool = False
    after: int = 0
    limit: int = 50
    scope: Scope = WHOLE_DISTRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionFilter:
    """Which signals of cameras to list, the newest first; `before` is the last one that was seen."""

    camera_id: str | None = None
    label: str | None = None
    model_version: str | None = None
    action: Action | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50
    scope: Scope = WHOLE_DISTRICT


async def waiting_list(db: Connection, wanted: WaitingFilter) -> WaitingList:
    """One page of the signals that wait for a person, or of those that are put off.

    In the order of arrival, or the most severe first.
    """
    facts = {
        "severities": [str(each) for each in wanted.severities] or None,
        "snoozed": wanted.snoozed,
        "by_urgency": wanted.by_urgency,
        "why": [str(each) for each in wanted.why] or None,
        "sources": [str(each) for each in wanted.sources] or None,
        "q": wanted.text or None,
        "after": wanted.after,
        "limit": wanted.limit + 1,
        **wanted.scope.facts,
    }
    rows = await (await db.execute(SQL["waiting_ids"], facts)).fetchall()
    ids = [row[0] for row in rows]
    page = ids[: wanted.limit]
    return WaitingList(
        items=await waiting_views(db, page),
        next_after=page[-1] if len(ids) > wanted.limit else None,
    )


async def false_alarms(db: Connection, wanted: DetectionFilter) -> WaitingList:
    """One page of the detections that people called wrong, the newest first, with their pictures."""
    ids = await _detections(db, "false_alarm_ids", wanted)
    return WaitingList(**await _page(db, ids, wanted.limit))


async def monitored_signals(db: Connection, wanted: DetectionFilter) -> MonitoredList:
    """One page of the signals with which automation would have done something, and how many there are."""
    ids = await _detections(db, "monitored_ids", wanted)
    async with db.cursor(row_factory=class_row(MonitoredCount)) as cursor:
        await cursor.execute(SQL["monitored_counts"], asdict(wanted) | wanted.scope.facts)
        counts = await cursor.fetchall()
    return MonitoredList(**await _page(db, ids, wanted.limit), counts=counts)


async def _detections(db: Connection, query: str, wanted: DetectionFilter) -> list[int]:
    facts = asdict(wanted) | {
        "before": MAX_INTEGER if wanted.before is None else wanted.before,
        "limit": wanted.limit + 1,
        **wanted.scope.facts,
    }
    return [row[0] for row in await (await db.execute(SQL[query], facts)).fetchall()]


async def _page(db: Connection, ids: Sequence[int], limit: int) -> dict[str, Any]:
    page = ids[:limit]
    return {
        "items": await waiting_views(db, page),
        "next_after": page[-1] if len(ids) > limit else None,
    }


async def waiting_views(db: Connection, signal_ids: Sequence[int]) -> list[WaitingSignalView]:
    """The signals with these ids, in their order, whether they wait or not."""
    photos, reporters = await _photos_of(db, signal_ids), await _reporters_of(db, signal_ids)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["waiting_views"], (list(signal_ids),))
        views = {
            row["signal_id"]: WaitingSignalView(
                **row, photos=photos[row["signal_id"]], reporter=reporters.get(row["signal_id"])
            )
            for row in await cursor.fetchall()
        }
    return [views[signal_id] for signal_id in signal_ids if signal_id in views]


async def signal_detail(db: Connection, signal_id: int) -> SignalDetail:
    """A signal, waiting or not, with nearby cases and the last decision. Raises NotFound."""
    signals = await waiting_views(db, [signal_id])
    if not signals:
        raise NotFound(f"there is no signal {signal_id}", signal_id=signal_id)
    (signal,) = signals
    nearby: list[NearbyCaseView] = []
    if signal.why and signal.place is not None:
        nearby = await open_cases_near(db, signal.place)
    facts = {name: getattr(signal, name) for name in WaitingSignalView.model_fields}
    return SignalDetail(**facts, nearby=nearby, decision=await _decision(db, signal_id))


async def signals_of(db: Connection, case_id: int) -> list[SignalView]:
    """The signals of a case as they were observed, the earliest first."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["views_of_case"], (case_id,))
        rows = await cursor.fetchall()
    reporters = await _reporters_of(db, [row["signal_id"] for row in rows])
    return [SignalView(**row, reporter=reporters.get(row["signal_id"])) for row in rows]


async def evidence_of(db: Connection, case_id: int) -> list[EvidenceView]:
    """The photos of a case and of those who were sent to it, the oldest first."""
    async with db.cursor(row_factory=class_row(EvidenceView)) as cursor:
        await cursor.execute(SQL["evidence_of_case"], {"case_id": case_id})
        return await cursor.fetchall()


async def open_cases_near(db: Connection, place: PlaceView) -> list[NearbyCaseView]:
    """Open cases within NEARBY_M of a place, the nearest first, ten at most."""
    box = box_around(place.lon, place.lat, NEARBY_M)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["open_in_box"], (box.south, box.north, box.west, box.east))
        cases = [
            NearbyCaseView(
                **row, distance_m=distance_m(place.lon, place.lat, row["lon"], row["lat"])
            )
            for row in await cursor.fetchall()
        ]
    near = [case for case in cases if case.distance_m <= NEARBY_M]
    return sorted(near, key=attrgetter("distance_m", "case_id"))[:_NEARBY_LISTED]


async def _photos_of(
    db: Connection, signal_ids: Sequence[int]
) -> defaultdict[int, list[EvidenceView]]:
    """The photos of signals, by signal, as they would be evidence of a case."""
    photos: defaultdict[int, list[EvidenceView]] = defaultdict(list)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["photos_of_signals"], (list(signal_ids),))
        for row in await cursor.fetchall():
            photos[row["signal_id"]].append(EvidenceView(**row))
    return photos


async def _reporters_of(db: Connection, signal_ids: Sequence[int]) -> dict[int, ReporterView]:
    """Who reported signals, masked, by signal."""
    cursor = await db.execute(SQL["reporters"], (list(signal_ids),))
    return {
        row[0]: ReporterView(
            name=masked_name(row[1]), contact=masked_contact(row[2]), wants_callback=row[3]
        )
        for row in await cursor.fetchall()
    }


async def whole_reporter(db: Connection, signal_id: int) -> ReporterView:
    """The name and contact of who reported a signal. Raises NotFound."""
    row = await (await db.execute(SQL["reporters"], ([signal_id],))).fetchone()
    if row is None:
        raise NotFound(f"nobody is known who reported signal {signal_id}", signal_id=signal_id)
    return ReporterView(name=row[1], contact=row[2], wants_callback=row[3])


async def _decision(db: Connection, signal_id: int) -> DecisionView | None:
    """The newest decision about the signal, a machine's too."""
    entries = await entries_of(db, Subject.SIGNAL, str(signal_id))
    made = [entry for entry in entries if entry.to_state is not None]
    if not made:
        return None
    last = made[-1]
    username = last.actor.removeprefix("user:")
    names = await names_of(db, {username})
    note = last.data.get("note")
    return DecisionView(
        at=last.at,
        actor=last.actor,
        actor_name=names.get(username),
        reason=last.reason,
        note=note if isinstance(note, str) else None,
    )
