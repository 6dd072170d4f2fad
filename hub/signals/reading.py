"""Signals as people look at them: with what a model saw, the names of things, and why they wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from psycopg.rows import class_row, dict_row
from pydantic import JsonValue

from hub.db import Connection
from hub.geo.distance import box_around, distance_m
from hub.signals.signal import Source, Waits
from hub.signals.store import SQL

NEARBY_M = 300.0
_NEARBY_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFacts:
    """A signal by itself. `boxes` are [{label, score, x, y, w, h}], fractions of the picture.

    `device_id` is what saw it. `doubted_at`: since when a person is asked to compare a report with
    its photo.
    """

    signal_id: int
    source: str
    device_id: str | None
    type: str
    label: str | None
    score: float | None
    observed_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    error_m: float | None
    evidence: list[str]
    boxes: list[dict[str, JsonValue]]
    text: str
    doubted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSignal(SignalFacts):
    """A signal with names, in the newest catalogue's words; `why` is empty where it doesn't wait."""

    state: str
    reason: str | None
    why: list[str]
    item_key: str | None
    cond_key: str | None
    title_zh: str | None
    title_en: str | None
    condition_text_zh: str | None
    condition_text_en: str | None
    hits: int | None
    device_name_zh: str | None
    device_name_en: str | None
    holder: str | None
    cleared_at: datetime | None
    case_id: int | None
    case_no: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLook:
    """What the model saw on a report's photo; `verdict` is None until it has looked."""

    signal_id: int
    sha256: str
    looked_at: datetime | None
    verdict: str | None
    boxes: list[dict[str, JsonValue]]
    model: dict[str, JsonValue] | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPhoto:
    """What is known of a photo that has arrived. `username` is an operator who added it."""

    sha256: str
    username: str | None
    taken_at: datetime | None
    received_at: datetime
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyCase:
    """An open case, and how far it is from a signal."""

    case_id: int
    case_no: str
    item_key: str
    cond_key: str
    title_zh: str | None
    title_en: str | None
    condition_text_zh: str | None
    condition_text_en: str | None
    severity: str
    state: str
    lon: float
    lat: float
    error_m: float
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFilter:
    """Which waiting signals to list; `text` is looked for in their words and in the names of things.

    `after` is the last signal that was seen.
    """

    why: tuple[Waits, ...] = ()
    sources: tuple[Source, ...] = ()
    text: str | None = None
    after: int = 0
    limit: int = 50


async def waiting_page(
    db: Connection, wanted: WaitingFilter
) -> tuple[list[ShownSignal], int | None]:
    """Signals that wait for a person in the order in which they came, and where the list goes on."""
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
    return await shown_signals(db, page), page[-1] if len(ids) > wanted.limit else None


async def shown_signals(db: Connection, signal_ids: Sequence[int]) -> list[ShownSignal]:
    """Those of the signals that exist, by id."""
    async with db.cursor(row_factory=class_row(ShownSignal)) as cursor:
        await cursor.execute(SQL["shown"], (list(signal_ids),))
        return await cursor.fetchall()


async def signals_of(db: Connection, case_id: int) -> list[SignalFacts]:
    """The signals of a case as they were observed, the earliest first."""
    async with db.cursor(row_factory=class_row(SignalFacts)) as cursor:
        await cursor.execute(SQL["facts_of_case"], (case_id,))
        return await cursor.fetchall()


async def looks_at(db: Connection, signal_ids: Sequence[int]) -> list[ReportLook]:
    """What the model saw, or is still to look at, on the photos of reports."""
    async with db.cursor(row_factory=class_row(ReportLook)) as cursor:
        await cursor.execute(SQL["looks_at"], (list(signal_ids),))
        return await cursor.fetchall()


async def photos_arrived(db: Connection, hashes: Sequence[str]) -> dict[str, SignalPhoto]:
    """Those of the photos that have arrived, by SHA-256."""
    async with db.cursor(row_factory=class_row(SignalPhoto)) as cursor:
        await cursor.execute(SQL["photos_arrived"], (list(hashes),))
        return {photo.sha256: photo for photo in await cursor.fetchall()}


async def open_cases_near(db: Connection, lon: float, lat: float) -> list[NearbyCase]:
    """Open cases within NEARBY_M of a place, the nearest first, ten at most."""
    box = box_around(lon, lat, NEARBY_M)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["open_in_box"], (box.south, box.north, box.west, box.east))
        cases = [
            NearbyCase(**row, distance_m=distance_m(lon, lat, row["lon"], row["lat"]))
            for row in await cursor.fetchall()
        ]
    near = [case for case in cases if case.distance_m <= NEARBY_M]
    return sorted(near, key=attrgetter("distance_m", "case_id"))[:_NEARBY_LISTED]
