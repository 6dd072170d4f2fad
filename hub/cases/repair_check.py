"""A model advises on repair photos before a person decides whether the case may close.

A verdict never rejects: a person gets the case together with the verdict, and with what the cameras
that see the place say, unless the policy of the condition lets the system pass what is surely repaired.
A check takes seconds, so it runs between two transactions, and the second one makes sure that it still
counts.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import Case, Event, State
from hub.cases.moving import note, transition
from hub.cases.passing import pass_grounds
from hub.cases.record import CaseEntryKind
from hub.cases.store import SQL
from hub.cases.transitions import find
from hub.cases.views import camera_sights
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import Conflict
from hub.evidence import EvidenceStore, PhotoDamaged
from hub.evidence.examining import examine
from hub.evidence.store import set_perceptual_hash, similar_photos
from hub.journal.unit_of_work import UnitOfWork
from models import NotAPicture, RepairJudgement

log = structlog.get_logger()

CHECKER = Actor.system("repair_check")


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """`box` is (x, y, w, h) in fractions of the picture; `model` names the model."""

    judgement: RepairJudgement
    label: str | None
    score: float
    box: tuple[float, float, float, float] | None
    model: str | None


_UNSEEN = PhotoVerdict(RepairJudgement.UNSURE, None, 0.0, None, None)


class RepairJudge(Protocol):
    """Judges a repair photo. It may block for seconds, and is called outside the event loop."""

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        """Judge one JPEG. If it can't be decoded, the judgement is UNSURE."""


@dataclass(frozen=True, slots=True)
class PhotosToJudge:
    """The photos to check of a case in FEEDBACK: those of the repair that have no verdict yet.

    `earlier` are photos of the fault that have no perceptual hash yet.
    """

    case_id: int
    repair: tuple[str, ...]
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """One repair photo with its verdict. `hash` is perceptual, None if it can't be decoded."""

    sha256: str
    verdict: PhotoVerdict
    hash: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CheckedRepair:
    """The checked photos of a repair; `earlier` are perceptual hashes of other photos by SHA-256."""

    case_id: int
    repair: tuple[CheckedPhoto, ...]
    earlier: Mapping[str, int]


async def photos_to_judge(db: Connection, case_id: int) -> PhotosToJudge:
    """The photos of a case in FEEDBACK. Commit before checking them, so that nothing stays locked.

    Raises NotFound, and IllegalTransition if the case is not in FEEDBACK.
    """
    case = await store.case_by_id(db, case_id)
    find(case.state, Event.CHECK)
    repair = await _hashes(db, "repair_photos", case_id)
    return PhotosToJudge(case_id, repair, await _hashes(db, "photos_without_hash", case_id))


async def check_photos(
    wanted: PhotosToJudge, photos: EvidenceStore, judge: RepairJudge
) -> CheckedRepair:
    """Check the photos; takes seconds, and needs no database."""
    earlier = {}
    for sha256 in wanted.earlier:
        if (value := await _hash_of_stored(sha256, photos)) is not None:
            earlier[sha256] = value
    repair = tuple([await _check(sha256, photos, judge) for sha256 in wanted.repair])
    return CheckedRepair(wanted.case_id, repair, earlier)


async def record_check(work: UnitOfWork, checked: CheckedRepair) -> Case:
    """Move the case to VERIFYING, with the verdicts.

    Raises NotFound, IllegalTransition if the case is no longer in FEEDBACK, and Conflict if it got
    other photos meanwhile, which must be checked first.
    """
    case = await store.lock_case(work.db, checked.case_id)
    find(case.state, Event.CHECK)
    if await _hashes(work.db, "repair_photos", case.case_id) != tuple(
        each.sha256 for each in checked.repair
    ):
        raise Conflict(f"case {case.case_no} got other photos meanwhile; check those first")
    for sha256, value in checked.earlier.items():
        await set_perceptual_hash(work.db, sha256, value)
    seen = [await _record(work.db, case.case_id, each) for each in checked.repair]
    judgements = tuple(str(each.verdict.judgement) for each in checked.repair)
    moved = await transition(work, case.case_id, Event.CHECK, actor=CHECKER, verdicts=judgements)
    cameras: list[JsonValue] = [
        each.model_dump(mode="json", include={"camera_id", "seen_at", "cleared_at"})
        for each in await camera_sights(work.db, case.case_id)
    ]
    data: dict[str, JsonValue] = {"photos": list(seen), "cameras": cameras}
    await note(work.by(CHECKER.name), moved, CaseEntryKind.PHOTOS_JUDGED, data)
    return await pass_by_policy(work, moved)


async def pass_by_policy(work: UnitOfWork, case: Case) -> Case:
    """Pass a repair that waits for a person, if the policy of its condition lets the system; the case then.

    The caller has locked it. A person passes one of high severity, and one that a supervisor looks at.
    """
    if case.state is not State.VERIFYING or case.severity is Severity.HIGH or case.supervised:
        return case
    grounds = await pass_grounds(work.db, case)
    if not grounds:
        return case
    return await transition(work, case.case_id, Event.PASS, actor=CHECKER, grounds=grounds)


async def _hashes(db: Connection, query: str, case_id: int) -> tuple[str, ...]:
    cursor = await db.execute(SQL[query], (case_id,))
    return tuple(row[0] for row in await cursor.fetchall())


async def _check(sha256: str, photos: EvidenceStore, judge: RepairJudge) -> CheckedPhoto:
    try:
        jpeg = await asyncio.to_thread(photos.get, sha256)
    except PhotoDamaged as damage:
        note = f"its bytes in the evidence store are {damage.fault}"
        return CheckedPhoto(sha256, _UNSEEN, None, note)
    value = await asyncio.to_thread(_hash_of, jpeg)
    try:
        verdict = await asyncio.to_thread(judge.judge, jpeg)
    except Exception as error:
        log.exception("repair_photo_check_failed", sha256=sha256)
        return CheckedPhoto(sha256, _UNSEEN, value, f"the model failed: {type(error).__name__}")
    return CheckedPhoto(
        sha256, verdict, value, "it could not be decoded" if value is None else None
    )


async def _hash_of_stored(sha256: str, photos: EvidenceStore) -> int | None:
    try:
        return await asyncio.to_thread(_hash_of, await asyncio.to_thread(photos.get, sha256))
    except PhotoDamaged:
        return None


def _hash_of(jpeg: bytes) -> int | None:
    """None if it can't be decoded."""
    try:
        return examine(jpeg).perceptual_hash
    except NotAPicture:
        return None


async def _record(db: Connection, case_id: int, seen: CheckedPhoto) -> JsonValue:
    """Keep the verdict with the photo, and the cases that have a similar photo."""
    like: tuple[int, ...] = ()
    if seen.hash is not None:
        await set_perceptual_hash(db, seen.sha256, seen.hash)
        like = tuple(
            dict.fromkeys(each for _, each in await similar_photos(db, seen.sha256, seen.hash))
        )
    facts = _as_json(seen, like)
    await db.execute(SQL["set_verdict"], (Jsonb(facts), case_id, seen.sha256))
    return facts


def _as_json(seen: CheckedPhoto, like: tuple[int, ...]) -> JsonValue:
    verdict = seen.verdict
    return {
        "sha256": seen.sha256,
        "judgement": str(verdict.judgement),
        "label": verdict.label,
        "score": round(verdict.score, 4),
        "box": None if verdict.box is None else [round(edge, 5) for edge in verdict.box],
        "model": verdict.model,
        "looks_like_cases": list(like),
        "note": seen.note,
    }
