"""Live through a simulated week: every signal, repair and decision goes through the hub's own use cases."""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from psycopg.types.json import Jsonb

from bench.dedup.score import MergeScore, score
from bench.dedup.world import (
    LAT,
    LON,
    METRE_EAST,
    METRE_NORTH,
    MONDAY,
    Fault,
    Sight,
    SimulatedWeek,
    Teller,
)
from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Case, Event, State
from hub.cases.moving import transition
from hub.cases.store import case_by_id
from hub.catalogue.commands import import_starter
from hub.db import Pool, load_queries
from hub.deadlines import seed_calendar
from hub.devices import device_by_id
from hub.evidence import PhotoSource, record_photo
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from hub.signals.commands import (
    PersonReport,
    accept_signal,
    take_detection,
    take_event,
    take_report,
)
from hub.signals.signal import SourceKind
from wire.messages import (
    Box,
    Detection,
    DetectionType,
    Ground,
    LoadedModel,
    Place,
    TerminalEvent,
)

SQL = load_queries(__file__)
SEAT = Actor("user:seat", Role.SEAT_OPERATOR)
SUPERVISOR = Actor("user:supervisor", Role.SUPERVISOR)
EDGE = "E-001"
_OWNERS = {"manhole_power": "power_supply", "bin": "sanitation"}
_MODEL = LoadedModel(name="street", version="1", sha256="0" * 64)
_ROUND = timedelta(hours=2)
"""How often an operator looks at what waits."""


async def found(pool: Pool, world: SimulatedWeek) -> None:
    """The district with its units, assets, cameras and terminals."""
    at = MONDAY - timedelta(days=60)
    async with unit_of_work(pool, "system:bench", at) as work:
        db = work.db
        await db.execute(SQL["found"])
        await db.execute(SQL["units"])
        ring = [[103, 25], [104, 25], [104, 26], [103, 26], [103, 25]]
        area = Jsonb({"type": "Polygon", "coordinates": [ring]})
        await db.execute(SQL["territory"], ("village_001", area))
        for asset in world.assets:
            owner = _OWNERS.get(asset.type, "housing_bureau")
            lon, lat = _lon_lat(asset.x, asset.y)
            await db.execute(SQL["asset"], (asset.asset_id, asset.type, owner, lon, lat))
        cameras = [camera[0] for camera in world.cameras]
        await db.execute(SQL["device"], (EDGE, "edges", cameras, at))
        for camera in cameras:
            await db.execute(SQL["device"], (camera, "cameras", [], at))
        for terminal in world.terminals:
            await db.execute(SQL["device"], (terminal, "terminals", [], at))
        await import_starter(work)
        await seed_calendar(db, range(2025, 2026), at)


async def live_through(pool: Pool, world: SimulatedWeek) -> MergeScore:
    """Everything that happens in the week, in its order; returns how well it was brought together."""
    truth = {identity_of(sight): sight.truth for sight in world.sights}
    happens: list[tuple[datetime, int, Callable[[UnitOfWork], Awaitable[object]]]] = []
    happens += [(sight.arrives_at, 0, _taking(sight)) for sight in world.sights]
    happens += [
        (fault.repaired, 1, _repairing(fault, truth))
        for fault in world.faults
        if fault.repaired is not None
    ]
    begins, ends = min(each[0] for each in happens), max(each[0] for each in happens)
    rounds = int((ends - begins) / _ROUND) + 2
    happens += [(begins + _ROUND * number, 2, _deciding) for number in range(1, rounds)]
    happens.sort(key=lambda each: each[:2])
    for at, _, happening in happens:
        async with unit_of_work(pool, "system:bench", at) as work:
            await happening(work)
    async with pool.connection() as db:
        cursor = await db.execute(SQL["cases_of_signals"])
        return score(truth, dict(await cursor.fetchall()))


def identity_of(sight: Sight) -> str:
    return str(uuid5(NAMESPACE_URL, sight.identity))


def _taking(sight: Sight) -> Callable[[UnitOfWork], Awaitable[object]]:
    async def take(work: UnitOfWork) -> None:
        lon, lat = _lon_lat(sight.x, sight.y)
        photo = (await _photo(work, sight.identity, None, lon, lat),) if sight.has_photo else ()
        match sight.teller:
            case Teller.CAMERA:
                await _detected(work, sight, lon, lat, photo)
            case Teller.TERMINAL:
                await _reported(work, sight, lon, lat, photo)
            case Teller.HOTLINE:
                await _called(work, sight, lon, lat, photo)

    return take


async def _detected(
    work: UnitOfWork, sight: Sight, lon: float, lat: float, photo: tuple[str, ...]
) -> None:
    assert sight.matter.label is not None
    detection = Detection(
        type=DetectionType.NEW,
        detection_id=identity_of(sight),
        seq=1,
        label=sight.matter.label,
        score=0.95,
        hits=9,
        box=Box(x=0.1, y=0.2, w=0.3, h=0.4),
        ground=Ground(lon=lon, lat=lat, error_m=sight.error_m),
        model=_MODEL,
        frame_at=sight.observed_at,
        evidence=photo[0] if photo else None,
    )
    camera = await device_by_id(work.db, sight.source_id)
    assert camera is not None
    await take_detection(work, camera, EDGE, detection, work.now)


async def _reported(
    work: UnitOfWork, sight: Sight, lon: float, lat: float, photo: tuple[str, ...]
) -> None:
    event = TerminalEvent.model_validate(
        {
            "event_id": identity_of(sight),
            "type": "report",
            "observed_at": sight.observed_at,
            "category": sight.matter.item_key,
            "condition": sight.matter.cond_key,
            "place": Place(lon=lon, lat=lat, accuracy_m=sight.error_m),
            "evidence": photo,
        }
    )
    terminal = await device_by_id(work.db, sight.source_id)
    assert terminal is not None
    await take_event(work, terminal, event, work.now)


async def _called(
    work: UnitOfWork, sight: Sight, lon: float, lat: float, photo: tuple[str, ...]
) -> None:
    report = PersonReport(
        source=SourceKind.HOTLINE,
        identity=identity_of(sight),
        text="",
        item_key=sight.matter.item_key,
        cond_key=sight.matter.cond_key,
        spot=Spot(lon, lat, sight.error_m),
        evidence=photo,
        observed_at=sight.observed_at,
    )
    await take_report(work, report, SEAT)


async def _deciding(work: UnitOfWork) -> None:
    """An operator files what waits; where a photo is missing, somebody has been sent to take one."""
    cursor = await work.db.execute(SQL["waiting"], (work.now - _ROUND,))
    for signal_id, item_key, cond_key, has_photo in await cursor.fetchall():
        if item_key is None or cond_key is None:
            continue
        photos = () if has_photo else (await _photo(work, f"sent {signal_id}", None, LON, LAT),)
        await accept_signal(work, signal_id, item_key, cond_key, SEAT, evidence=photos)


def _repairing(fault: Fault, truth: Mapping[str, int]) -> Callable[[UnitOfWork], Awaitable[object]]:
    async def repair(work: UnitOfWork) -> None:
        """Close the open cases that are mostly about the fault."""
        for case_id, identities in await (await work.db.execute(SQL["open_cases"])).fetchall():
            meant = Counter(truth[each] for each in identities).most_common(1)[0][0]
            if meant == fault.truth:
                await _close(work, await case_by_id(work.db, case_id))

    return repair


async def _close(work: UnitOfWork, case: Case) -> None:
    if case.state in (State.FILED, State.REOPENED):
        before = replace(work, now=work.now - timedelta(minutes=1))
        case = await transition(
            before, case.case_id, Event.ROUTE, actor=SUPERVISOR, unit_key="housing_bureau"
        )
    handler = Actor("user:handler", Role.UNIT_HANDLER, case.lead_unit)
    move, later = case.case_id, work.now
    if case.state is State.ROUTED:
        await transition(work, move, Event.SIGN, actor=handler, person="handler", plan="mend it")
    photo = await _photo(work, f"repair {move} {later}", "T-0001", case.lon, case.lat)
    await transition(work, move, Event.FEEDBACK, actor=handler, text="mended", evidence=(photo,))
    await transition(work, move, Event.CHECK, actor=Actor.system("bench"))
    case = await transition(work, move, Event.PASS, actor=SEAT)
    if case.state is State.CALLBACK:
        await transition(work, move, Event.SATISFIED, actor=SEAT)


async def _photo(work: UnitOfWork, name: str, device_id: str | None, lon: float, lat: float) -> str:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    source = PhotoSource(device_id, None, work.now, work.now, lon, lat)
    await record_photo(work.db, sha256, 1000, 320, 240, source)
    return sha256


def _lon_lat(x: float, y: float) -> tuple[float, float]:
    return LON + x * METRE_EAST, LAT + y * METRE_NORTH
