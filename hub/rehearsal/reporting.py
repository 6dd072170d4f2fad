"""How a matter comes in: by a camera, by a terminal, or by somebody who calls."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from hub.cases.actor import Actor
from hub.devices.store import devices_by_id
from hub.evidence.photos import PhotoSource
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.rehearsal.cast import SEAT
from hub.rehearsal.matter import DailyMatter, Way
from hub.rehearsal.photo_folder import PhotoFolder, PhotoPair
from hub.rehearsal.scenery import Scenery, Sighting
from hub.signals import commands as signals
from hub.signals.person_report import PersonReport, take_report
from hub.signals.reporters import Reporter
from hub.signals.signal import SignalState, SourceKind
from wire.messages import Detection, DetectionType, EventType, Place, TerminalEvent
from wire.messages.detections import Box, Ground
from wire.messages.status import LoadedModel

_LOADED = LoadedModel(name="street", version="2.0.0", sha256="0" * 64)
_LATENCY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report: its signal, and the case that it belongs to, if any."""

    signal_id: int
    case_id: int | None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Reporting:
    """Takes matters in, in the way that people and devices have chosen."""

    rng: Random
    scenery: Scenery
    photos: PhotoFolder

    async def report(
        self,
        work: UnitOfWork,
        matter: DailyMatter,
        way: Way,
        where: Sighting,
        pair: PhotoPair | None,
    ) -> Reported:
        """Let the matter come in. Raises what the use cases do."""
        if way is Way.CAMERA and matter.label is not None and self.scenery.cameras and pair:
            return await self._camera(work, matter.label, pair)
        if way is Way.SEAT:
            return await self._call(work, matter, where, pair)
        return await self._terminal(work, matter, where, pair, named=way is not Way.WORDS)

    async def _camera(self, work: UnitOfWork, label: str, pair: PhotoPair) -> Reported:
        camera, lon, lat = self.scenery.before_camera(self.rng)
        at = work.now - _LATENCY
        source = PhotoSource(camera.device_id, None, work.now, at, lon, lat)
        sha256 = await self.photos.take(work.db, pair.before, source)
        detection = Detection(
            type=DetectionType.NEW,
            detection_id=self._uuid(),
            seq=1,
            label=label,
            score=round(self.rng.uniform(0.35, 0.95), 2),
            hits=self.rng.randint(3, 9),
            box=Box(x=0.3, y=0.3, w=0.4, h=0.4),
            ground=Ground(lon=lon, lat=lat, error_m=4.0),
            model=_LOADED,
            frame_at=at,
            evidence=sha256,
        )
        known = await devices_by_id(work.db, [camera.device_id])
        outcome = await signals.take_detection(
            work, known[camera.device_id], camera.edge_id, detection, work.now
        )
        waits = outcome.state in (SignalState.NEW, SignalState.VERIFYING)
        return Reported(outcome.signal_id, outcome.case_id, waits)

    async def _terminal(
        self,
        work: UnitOfWork,
        matter: DailyMatter,
        where: Sighting,
        pair: PhotoPair | None,
        *,
        named: bool,
    ) -> Reported:
        at = work.now - _LATENCY
        source = PhotoSource(where.terminal_id, None, work.now, at, where.lon, where.lat)
        photos = () if pair is None else (await self.photos.take(work.db, pair.before, source),)
        event = TerminalEvent(
            event_id=self._uuid(),
            type=EventType.REPORT,
            observed_at=at,
            place=Place(lon=where.lon, lat=where.lat, accuracy_m=8.0),
            text=self.rng.choice(matter.words),
            category=matter.item_key if named else None,
            condition=matter.cond_key if named else None,
            evidence=photos,
        )
        known = await devices_by_id(work.db, [where.terminal_id])
        outcome = await signals.take_event(work, known[where.terminal_id], event, work.now)
        waits = outcome.state in (SignalState.NEW, SignalState.VERIFYING)
        return Reported(outcome.signal_id, outcome.case_id, waits)

    async def _call(
        self, work: UnitOfWork, matter: DailyMatter, where: Sighting, pair: PhotoPair | None
    ) -> Reported:
        photos: tuple[str, ...] = ()
        if pair is not None:
            source = PhotoSource(None, SEAT.username, work.now, work.now, where.lon, where.lat)
            photos = (await self.photos.take(work.db, pair.before, source),)
        number = self.rng.randrange(10_000)
        report = PersonReport(
            source=SourceKind.HOTLINE,
            identity=self._uuid(),
            text=self.rng.choice(matter.words),
            item_key=matter.item_key,
            cond_key=matter.cond_key,
            spot=Spot(where.lon, where.lat, 10.0),
            evidence=photos,
            observed_at=work.now - _LATENCY,
            reporter=Reporter(f"来电人{number:04d}", f"0000000{number:04d}", wants_callback=True),
        )
        actor = Actor.of(SEAT)
        outcome = await take_report(work.by(actor.name), report, actor)
        waits = outcome.state in (SignalState.NEW, SignalState.VERIFYING)
        return Reported(outcome.signal_id, outcome.case_id, waits)

    def _uuid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))
