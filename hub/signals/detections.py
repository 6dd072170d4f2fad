"""Detections of cameras, taken in as signals."""

from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from hub import catalogue
from hub.cases.dedup import lock_place
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind
from hub.cases.repair_check import pass_by_policy
from hub.cases.store import case_by_id, lock_case
from hub.catalogue import DetectorMatch
from hub.clock import local_date
from hub.db import Connection
from hub.devices import Device
from hub.devices.device import disowned, happened_at
from hub.geo.fix import place_fault
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.quality.commands import permission_of
from hub.quality.policy import Permission
from hub.signals.hit_window import HitCount, most_within
from hub.signals.outcomes import SYSTEM, decided, wait
from hub.signals.settling import escalate, link_evidence, matter
from hub.signals.sight import is_out_of_sight
from hub.signals.signal import (
    RejectReason,
    Signal,
    SignalOutcome,
    SignalState,
    SourceKind,
    WaitingReason,
    is_believed,
    outcome_of,
)
from hub.signals.snoozing import wake
from hub.signals.store import (
    case_of,
    find_signal,
    insert_signal,
    note_sightings,
    save_signal,
    sightings_of,
)
from hub.signals.taking_up import take_up
from wire.messages import Detection, DetectionType, ShotRole

_GONE = {
    DetectionType.END: CaseEntryKind.CAMERA_LOST_SIGHT,
    DetectionType.CLEARED: CaseEntryKind.CAMERA_SEES_IT_CLEARED,
}


async def take_detection(
    work: UnitOfWork, camera: Device, edge_id: str, detection: Detection, received_at: datetime
) -> SignalOutcome:
    """Take in a detection. A repeated message, or an older one, changes nothing."""
    match = await catalogue.by_detector(work.db, detection.label, local_date(work.now))
    doubt = await _doubt_of_place(work.db, camera, detection)
    if match is not None and doubt is None:
        await lock_place(work.db, match.item, _spot(detection))
    # The case before its signals, in the order in which merging locks them.
    if (case_id := await case_of(work.db, edge_id, detection.detection_id)) is not None:
        await lock_case(work.db, case_id)
    known = await find_signal(work.db, edge_id, detection.detection_id)
    if known is None:
        fresh = _signal(camera, edge_id, detection, match, received_at)
        fresh = fresh if doubt is None else fresh.unplaced()
        signal_id = await insert_signal(work.db, fresh)
        if signal_id is not None:
            await note_sightings(work.db, signal_id, _sightings(detection))
            return await _first(work, replace(fresh, signal_id=signal_id), match, doubt)
        known = await find_signal(work.db, edge_id, detection.detection_id)
        assert known is not None
    if detection.seq <= (known.seq or 0):
        return outcome_of(known)
    return await _again(work, known, detection, match, doubt)


async def _doubt_of_place(
    db: Connection, camera: Device, detection: Detection
) -> WaitingReason | None:
    spot = _spot(detection)
    if await place_fault(db, spot.lon, spot.lat) is not None:
        return WaitingReason.FALSE_PLACE
    return WaitingReason.OUT_OF_SIGHT if is_out_of_sight(camera.site, spot) else None


async def _first(
    work: UnitOfWork, signal: Signal, match: DetectorMatch | None, doubt: WaitingReason | None
) -> SignalOutcome:
    if match is None or signal.cleared_at is not None:
        return await _rejected(work, signal, RejectReason.OUT_OF_SCOPE)
    return await _considered(work, signal, match, doubt)


async def _considered(
    work: UnitOfWork, signal: Signal, match: DetectorMatch, place_doubt: WaitingReason | None
) -> SignalOutcome:
    hits = most_within(await sightings_of(work.db, signal.signal_id), match.detector.window_s)
    if not is_believed(signal, match, hits):
        return await _rejected(work, signal, RejectReason.BELOW_THRESHOLD)
    if place_doubt is not None or signal.lon is None:
        return await wait(work, signal, place_doubt or WaitingReason.NO_PLACE)
    permission = await permission_of(work, signal.camera_id, signal.label, match.condition.severity)
    doubt = WaitingReason.NOT_AUTOMATIC if permission is Permission.NOT_AUTOMATIC else None
    monitored = permission is Permission.MONITORED
    return await take_up(
        work, signal, match.item, match.condition, doubt=doubt, monitored=monitored
    )


async def _again(
    work: UnitOfWork,
    known: Signal,
    detection: Detection,
    match: DetectorMatch | None,
    doubt: WaitingReason | None,
) -> SignalOutcome:
    signal = _merged(known, detection, match)
    await save_signal(work.db, signal)
    if signal.is_undecided:
        await note_sightings(work.db, signal.signal_id, _sightings(detection))
    if signal.case_id is not None:
        await _tell_case(work, signal, known, detection, match)
        return outcome_of(signal)
    if match is not None and await _is_graver(work, known, match):
        woken = await wake(work, signal, SYSTEM, f"it shows {match.condition.cond_key}")
        signal = replace(signal, state=woken.state, snoozed_until=None)
    if signal.is_undecided and match is not None and signal.cleared_at is None:
        if doubt is None and signal.lon is None:
            signal = signal.placed(_spot(detection))
        return await _considered(work, signal, match, doubt)
    return outcome_of(signal)


async def _is_graver(work: UnitOfWork, known: Signal, match: DetectorMatch) -> bool:
    """Whether a snoozed signal now shows something graver than when it was put off."""
    if known.state is not SignalState.SNOOZED:
        return False
    _, condition = await matter(work.db, known.item_key, known.cond_key)
    return condition is None or condition.severity.rank < match.condition.severity.rank


async def _tell_case(
    work: UnitOfWork,
    signal: Signal,
    known: Signal,
    detection: Detection,
    match: DetectorMatch | None,
) -> None:
    assert signal.case_id is not None
    case = await case_by_id(work.db, signal.case_id)
    gone = _GONE.get(detection.type)
    if gone is None and signal.evidence != known.evidence:
        await link_evidence(work.db, signal, case.case_id, work.now)
        added: list[JsonValue] = [each for each in signal.evidence if each not in known.evidence]
        data: dict[str, JsonValue] = {"signal_id": signal.signal_id, "evidence": added}
        await note(work.by(SYSTEM.name), case, CaseEntryKind.EVIDENCE_ADDED, data)
    if gone is not None:
        await note(work.by(SYSTEM.name), case, gone, _gone_facts(signal, detection))
        await pass_by_policy(work, case)
    elif match is not None and match.item.item_key == case.item_key:
        await escalate(work, case, match.condition)


def _gone_facts(signal: Signal, detection: Detection) -> dict[str, JsonValue]:
    return {
        "signal_id": signal.signal_id,
        "camera_id": signal.camera_id,
        "label": detection.label,
        "score": detection.score,
        "frame_at": detection.frame_at.isoformat(),
        "evidence": detection.evidence,
    }


async def _rejected(work: UnitOfWork, signal: Signal, reason: RejectReason) -> SignalOutcome:
    if (signal.state, signal.reason) == (SignalState.REJECTED, reason):
        return outcome_of(signal)
    rejected = replace(signal, state=SignalState.REJECTED, reason=reason)
    return await decided(work, rejected)


def _merged(known: Signal, detection: Detection, match: DetectorMatch | None) -> Signal:
    """Keep the best score and the most hits; a picture taken after the fault's end is not added."""
    gone = detection.type in _GONE
    merged = replace(
        known,
        type=detection.type,
        seq=detection.seq,
        cleared_at=detection.frame_at
        if detection.type is DetectionType.CLEARED
        else known.cleared_at,
    )
    if gone:
        return merged
    merged = replace(
        merged,
        score=max(known.score or 0.0, detection.score),
        hits=max(known.hits or 0, detection.hits),
    )
    if match is not None:
        merged = replace(
            merged,
            label=detection.label,
            item_key=match.item.item_key,
            cond_key=match.condition.cond_key,
        )
    # Photos that a dispatcher added have no boxes, so they come last.
    shown = {**dict(zip(known.evidence, known.boxes, strict=False)), **_shown(detection)}
    photos = dict.fromkeys((*shown, *known.evidence))
    return replace(merged, evidence=tuple(photos), boxes=tuple(shown.values()))


def _signal(
    camera: Device,
    edge_id: str,
    detection: Detection,
    match: DetectorMatch | None,
    received_at: datetime,
) -> Signal:
    shown = {} if detection.type is DetectionType.CLEARED else _shown(detection)
    at = happened_at(detection.frame_at, received_at)
    return Signal(
        source=SourceKind.CAMERA,
        identity=detection.detection_id,
        device_id=edge_id,
        camera_id=camera.device_id,
        type=detection.type,
        item_key=None if match is None else match.item.item_key,
        cond_key=None if match is None else match.condition.cond_key,
        label=detection.label,
        score=detection.score,
        hits=detection.hits,
        seq=detection.seq,
        observed_at=at,
        stamped_at=disowned(detection.frame_at, at),
        received_at=received_at,
        lon=detection.ground.lon,
        lat=detection.ground.lat,
        error_m=detection.ground.error_m,
        evidence=tuple(shown),
        boxes=tuple(shown.values()),
        model=detection.model.model_dump(mode="json"),
        cleared_at=at if detection.type is DetectionType.CLEARED else None,
    )


def _sightings(detection: Detection) -> list[HitCount]:
    """What a message says of the times of its hits."""
    if detection.type in _GONE:
        return []
    first = [shot.frame_at for shot in detection.shots if shot.role == ShotRole.FIRST]
    begun = [HitCount(at, 1) for at in first if at < detection.frame_at]
    return [*begun, HitCount(detection.frame_at, detection.hits)]


def _shown(detection: Detection) -> dict[str, dict[str, JsonValue]]:
    """The photos of a fault with its box in each; the frame that confirmed it comes first."""
    boxes = {
        shot.evidence: {"label": detection.label, "score": shot.score, **shot.box.model_dump()}
        for shot in detection.shots
    }
    if detection.evidence is None:
        return boxes
    box = {"label": detection.label, "score": detection.score, **detection.box.model_dump()}
    return {detection.evidence: box, **boxes}


def _spot(detection: Detection) -> Spot:
    ground = detection.ground
    return Spot(ground.lon, ground.lat, ground.error_m)
