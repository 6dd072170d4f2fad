"""A street with a cover, two cameras and a terminal, in a district of two villages."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import pytest
from obstore.store import from_url
from psycopg.types.json import Jsonb

from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Case, Event
from hub.cases.commands import NewCase, file_case, route_case, transition
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.cases.repair_check import (
    PhotoVerdict,
    RepairJudge,
    check_photos,
    photos_to_judge,
    record_check,
)
from hub.catalogue.commands import import_starter
from hub.db import Connection, Pool
from hub.deadlines import seed_calendar
from hub.devices import device_by_id
from hub.evidence import EvidenceStore, PhotoSource, record_photo
from hub.evidence.store import PhotoMissing
from hub.geo.place import Spot
from hub.signals.commands import SignalOutcome, take_detection, take_event
from hub.signals.kept_events import KEPT, KeptEvent, keep_events
from hub.signals.signal import outcome_of
from hub.signals.store import find_signal
from models import RepairJudgement
from tests.use_cases import carry_out
from wire.messages import (
    Box,
    Detection,
    DetectionType,
    Ground,
    LoadedModel,
    Place,
    Shot,
    TerminalEvent,
)

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.60
METRE_EAST = 1 / 100_420
METRE_NORTH = 1 / 110_770

DISPATCHER = Actor("user:dispatcher", Role.DISPATCHER)
SECOND = Actor("user:seat", Role.SEAT_OPERATOR)
SUPERVISOR = Actor("user:supervisor", Role.SUPERVISOR)
HANDLER = Actor("user:handler", Role.UNIT_HANDLER, "housing_bureau")
STRANGER = Actor("user:stranger", Role.UNIT_HANDLER, "power_supply")
SYSTEM = Actor.system("test")
MODEL = LoadedModel(name="street", version="1", sha256="0" * 64)


def east(metres: float) -> float:
    return LON + metres * METRE_EAST


def north(metres: float) -> float:
    return LAT + metres * METRE_NORTH


def photo_hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def picture(seed: int) -> bytes:
    """A JPEG of soft blobs that differ from seed to seed."""
    small = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    large = cv2.resize(small, (320, 240), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large)[1].tobytes()


class NamedPhotos(EvidenceStore):
    """A store that finds photos under the hash of their names, whatever their bytes are."""

    def get(self, sha256: str) -> bytes:
        data = self._read(f"{sha256[:2]}/{sha256}.jpg")
        if data is None:
            raise PhotoMissing("it was never put", sha256=sha256)
        return data


def named_photos(folder: Path) -> NamedPhotos:
    return NamedPhotos(from_url(f"file://{folder}"))


@dataclass
class FixedJudge:
    """Says what it is told to, and counts the photos."""

    judgement: RepairJudgement = RepairJudgement.FIXED
    judged: list[int] = field(default_factory=list)

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        self.judged.append(len(jpeg))
        return PhotoVerdict(self.judgement, "manhole_good", 0.9, (0.1, 0.1, 0.5, 0.5), "test 1")


async def check_feedback(
    db: Connection, case_id: int, photos: EvidenceStore, judge: RepairJudge, now: datetime
) -> Case:
    """Check the photos of a case in FEEDBACK and move it on, as the worker does."""
    return await carry_out(
        db, now, record_check, await check_photos(await photos_to_judge(db, case_id), photos, judge)
    )


@dataclass
class Street:
    """Shortcuts to what a test needs; `now` is moved by `forward` alone."""

    pool: Pool
    now: datetime = NOW

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now

    async def detect(
        self,
        db: Connection,
        *,
        camera: str = "C-001",
        detection_id: str | None = None,
        seq: int = 1,
        kind: DetectionType = DetectionType.NEW,
        label: str = "manhole_broken",
        score: float = 0.9,
        hits: int = 5,
        lon: float = LON,
        lat: float = LAT,
        error_m: float = 3.0,
        evidence: str | None = "a photo",
        shots: tuple[Shot, ...] = (),
        at: datetime | None = None,
    ) -> SignalOutcome:
        device = await device_by_id(db, camera)
        assert device is not None
        detection = Detection(
            type=kind,
            detection_id=detection_id or str(uuid4()),
            seq=seq,
            label=label,
            score=score,
            hits=hits,
            box=Box(x=0.1, y=0.2, w=0.3, h=0.4),
            ground=Ground(lon=lon, lat=lat, error_m=error_m),
            model=MODEL,
            frame_at=at or self.now,
            evidence=None if evidence is None else photo_hash(f"{camera} {evidence}"),
            shots=shots,
        )
        return await carry_out(db, self.now, take_detection, device, "E-01", detection, self.now)

    async def report(
        self, db: Connection, *, photos_come: bool = True, **fields: object
    ) -> SignalOutcome:
        """An event of T-0002, whose photos have come before it."""
        device = await device_by_id(db, "T-0002")
        assert device is not None
        message = {
            "event_id": str(uuid4()),
            "type": "report",
            "observed_at": self.now,
            "category": "manhole_cover",
            "condition": "broken",
            "text": "井盖破损",
            "place": Place(lon=LON, lat=LAT, accuracy_m=8),
            "evidence": (photo_hash("report"),),
        }
        event = TerminalEvent.model_validate(message | fields)
        for sha256 in event.evidence if photos_come else ():
            await record_photo(db, sha256, 1, 1, 1, PhotoSource("T-0002", None, self.now))
        if event.type in KEPT:
            await carry_out(db, self.now, keep_events, [KeptEvent(device, event, self.now)])
            kept = await find_signal(db, device.device_id, event.event_id)
            assert kept is not None
            return outcome_of(kept)
        return await carry_out(db, self.now, take_event, device, event, self.now)

    async def file(self, db: Connection, **fields: object) -> Case:
        new = {
            "item_key": "manhole_cover",
            "cond_key": "broken",
            "spot": Spot(LON, LAT, 5.0),
            "evidence": (EvidenceLink(sha256=photo_hash("filing"), kind=EvidenceKind.FILING),),
        }
        return await carry_out(db, self.now, file_case, NewCase(**(new | fields)), DISPATCHER)

    async def routed(self, db: Connection, **fields: object) -> Case:
        case = await self.file(db, **fields)
        return await carry_out(db, self.now, route_case, case, SYSTEM)

    async def handling(self, db: Connection, **fields: object) -> Case:
        case = await self.routed(db, **fields)
        return await self.move(db, case, Event.SIGN, HANDLER, person="handler", plan="replace it")

    async def move(
        self, db: Connection, case: Case, event: Event, actor: Actor, **payload: object
    ) -> Case:
        return await carry_out(
            db, self.now, transition, case.case_id, event, actor=actor, **payload
        )

    async def photo(
        self,
        db: Connection,
        name: str = "repair",
        *,
        device_id: str | None = "T-0002",
        username: str | None = None,
        taken_at: datetime | None = None,
        lon: float | None = LON,
        lat: float | None = LAT,
    ) -> str:
        sha256 = photo_hash(name)
        taken_at = taken_at or self.now
        source = PhotoSource(device_id, username, self.now, taken_at, lon, lat)
        await record_photo(db, sha256, 1000, 320, 240, source)
        return sha256


async def found(db: Connection) -> None:
    """Write the district."""
    await db.execute(
        "INSERT INTO district VALUES ('530303', '沾益区（模拟）', 'Zhanyi', %s, %s,"
        " '{103,25,104,26}')",
        (LON, LAT),
    )
    await db.execute(
        "INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent) VALUES"
        " ('housing_bureau', 'department', NULL, '住建局', 'Housing Bureau', NULL),"
        " ('power_supply', 'department', NULL, '供电局', 'Power Supply', NULL),"
        " ('sanitation', 'department', NULL, '环卫站', 'Sanitation', NULL),"
        " ('public_security', 'department', NULL, '公安分局', 'Public Security', NULL),"
        " ('district_530303', 'territory', 'district', '沾益区', 'Zhanyi', NULL),"
        " ('town_01', 'territory', 'township', '西平街道', 'Xiping', 'district_530303'),"
        " ('village_001', 'territory', 'village', '东社区', 'East', 'town_01'),"
        " ('village_002', 'territory', 'village', '西社区', 'West', 'town_01')"
    )
    areas = {
        "town_01": (-1000, 1000),
        "village_001": (-300, 1000),
        "village_002": (-1000, -300),
    }
    for unit_key, (west, east_edge) in areas.items():
        ring = [
            [east(west), north(-1000)],
            [east(east_edge), north(-1000)],
            [east(east_edge), north(1000)],
            [east(west), north(1000)],
            [east(west), north(-1000)],
        ]
        await db.execute(
            "INSERT INTO territory VALUES (%s, %s)",
            (unit_key, Jsonb({"type": "Polygon", "coordinates": [ring]})),
        )
    await db.execute(
        "INSERT INTO asset VALUES"
        " ('A-0172', 'manhole_sewage', 'housing_bureau', '污水井盖', 'Sewage cover', %s, %s),"
        " ('A-0200', 'manhole_power', 'power_supply', '电力井盖', 'Power cover', %s, %s)",
        (LON, LAT, east(60), LAT),
    )
    await db.execute(
        "INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, lon, lat, coverage_m,"
        " registered_at) VALUES"
        " ('C-001', 'cameras', '', '', 'village_001', %(w)s, %(lat)s, 40, %(now)s),"
        " ('C-002', 'cameras', '', '', 'village_001', %(e)s, %(lat)s, 40, %(now)s),"
        " ('E-01', 'edges', '', '', NULL, NULL, NULL, NULL, %(now)s),"
        " ('T-0002', 'terminals', '', '', 'village_001', NULL, NULL, NULL, %(now)s)",
        {"w": east(-20), "e": east(20), "lat": LAT, "now": NOW},
    )
    await db.execute(
        "INSERT INTO account (username, name, role, unit_key, password_hash, created_at)"
        " VALUES ('handler', 'Handler', 'unit_handler', 'housing_bureau', 'x', %s)",
        (NOW,),
    )
    await carry_out(db, NOW, import_starter)
    await seed_calendar(db, range(2024, 2027), NOW)


@pytest.fixture
async def street(pool: Pool) -> Street:
    async with pool.connection() as db:
        await found(db)
    return Street(pool)
