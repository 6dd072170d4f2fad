"""Signals for people to read: with photo checks, names, and the reasons why they wait."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from psycopg.rows import class_row, dict_row

from hub.accounts.store import names_of
from hub.db import Connection
from hub.errors import NotFound
from hub.geo.distance import box_around, distance_m
from hub.geo.views import PlaceView
from hub.journal import Subject, entries_of
from hub.signals.signal import SourceKind, WaitingReason
from hub.signals.store import SQL
from hub.signals.views import (
    DecisionView,
    EvidenceView,
    NearbyCaseView,
    SignalDetail,
    SignalView,
    WaitingList,
    WaitingSignalView,
)

NEARBY_M = 300.0
_NEARBY_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFilter:
    """Which waiting signals to list; `text` is searched for in their texts and in names.

    `after` is the last signal that was seen.
    """

    why: tuple[WaitingReason, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    text: str | None = None
    after: int = 0
    limit: int = 50


async def waiting_list(db: Connection, wanted: WaitingFilter) -> WaitingList:
    """One page of the signals that wait for a person, in the order of arrival."""
    facts = {
        "why": [str(each) for each in wanted.why] or None,
        "sources": [str(each) for each in wanted.sources] or None,
        "q": wanted.text or None,
        "after": wanted.after,
        "limit": wanted.limit + 1,
    }
    rows = await (await db.execute(SQL["waiting_ids"], facts)).fetchall()
    ids = [row[0] for row in rows]
    page = ids[: wanted.limit]
    return WaitingList(
        items=await waiting_views(db, page),
        next_after=page[-1] if len(ids) > wanted.limit else None,
    )


async def waiting_views(db: Connection, signal_ids: Sequence[int]) -> list[WaitingSignalView]:
    """The signals with these ids, ordered by id, whether they wait or not."""
    photos = await _photos_of(db, signal_ids)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["waiting_views"], (list(signal_ids),))
        return [
            WaitingSignalView(**row, photos=photos[row["signal_id"]])
            for row in await cursor.fetchall()
        ]


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
    async with db.cursor(row_factory=class_row(SignalView)) as cursor:
        await cursor.execute(SQL["views_of_case"], (case_id,))
        return await cursor.fetchall()


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
