"""Before a case may close, its repair photos are looked at: by the model first, then by a person.

A verdict never rejects: whatever it is, the case goes on to a person together with it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np
import structlog
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import Case, Event
from hub.cases.moving import note, transition
from hub.cases.store import SQL
from hub.cases.transitions import find
from hub.db import Connection
from hub.errors import NotFound
from hub.evidence import EvidenceStore
from hub.evidence.photos import perceptual_hash
from hub.evidence.store import alike, set_perceptual_hash

log = structlog.get_logger()

GATE = Actor.system("close_gate")


class Judgement(StrEnum):
    """What a repair photo shows; UNSURE also where nobody could look at it."""

    FIXED = "fixed"
    STILL_BROKEN = "still_broken"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """`box` is (x, y, w, h) in fractions of the picture; `model` names what looked."""

    judgement: Judgement
    label: str | None
    score: float
    box: tuple[float, float, float, float] | None
    model: str | None


class RepairJudge(Protocol):
    """Looks at a repair photo. It may take its time, and is called outside the event loop."""

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        """Judge one JPEG. What can't be decoded is UNSURE."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What looking at one photo gave. `like` are cases with a photo that looks the same."""

    sha256: str
    verdict: PhotoVerdict
    like: tuple[int, ...]
    note: str | None


async def check_feedback(
    db: Connection, case_id: int, photos: EvidenceStore, judge: RepairJudge, now: datetime
) -> Case:
    """Look at the photos of a case in FEEDBACK and move it to VERIFYING, with the verdicts.

    Raises NotFound, and IllegalTransition where the case is not in FEEDBACK.
    """
    case = await store.lock_case(db, case_id)
    find(case.state, Event.CHECK)
    await _remember_earlier_looks(db, case_id, photos)
    cursor = await db.execute(SQL["repair_photos"], (case_id,))
    looks = [await _look(db, row[0], photos, judge) for row in await cursor.fetchall()]
    for look in looks:
        await db.execute(SQL["set_verdict"], (Jsonb(_as_json(look)), case_id, look.sha256))
    judgements = tuple(str(look.verdict.judgement) for look in looks)
    moved = await transition(db, case_id, Event.CHECK, actor=GATE, now=now, verdicts=judgements)
    data: dict[str, JsonValue] = {"photos": [_as_json(look) for look in looks]}
    await note(db, moved, "photos_judged", GATE.name, now, data)
    return moved


async def _remember_earlier_looks(db: Connection, case_id: int, photos: EvidenceStore) -> None:
    """So that a photo of the fault is known again when it comes as one of the repair."""
    cursor = await db.execute(SQL["photos_without_look"], (case_id,))
    for (sha256,) in await cursor.fetchall():
        try:
            await photo_arrived(db, sha256, photos)
        except NotFound:
            log.warning("photo_bytes_missing", sha256=sha256, case_id=case_id)


async def photo_arrived(db: Connection, sha256: str, photos: EvidenceStore) -> None:
    """Remember how a stored photo looks, so that it is known again in another encoding.

    Raises NotFound where its bytes are not stored.
    """
    await _remember_look(db, sha256, await asyncio.to_thread(photos.get, sha256))


async def _look(db: Connection, sha256: str, photos: EvidenceStore, judge: RepairJudge) -> _Look:
    try:
        jpeg = await asyncio.to_thread(photos.get, sha256)
    except NotFound:
        unseen = PhotoVerdict(Judgement.UNSURE, None, 0.0, None, None)
        return _Look(sha256, unseen, (), "its bytes are missing from the evidence store")
    verdict = await asyncio.to_thread(judge.judge, jpeg)
    value = await _remember_look(db, sha256, jpeg)
    if value is None:
        return _Look(sha256, verdict, (), "it could not be decoded")
    like = tuple(dict.fromkeys(case_id for _, case_id in await alike(db, sha256, value)))
    return _Look(sha256, verdict, like, None)


async def _remember_look(db: Connection, sha256: str, jpeg: bytes) -> int | None:
    value = await asyncio.to_thread(_hash_of, jpeg)
    if value is not None:
        await set_perceptual_hash(db, sha256, value)
    return value


def _hash_of(jpeg: bytes) -> int | None:
    """None where it can't be decoded."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else perceptual_hash(image.astype(np.uint8, copy=False))


def _as_json(look: _Look) -> dict[str, JsonValue]:
    verdict = look.verdict
    return {
        "sha256": look.sha256,
        "judgement": str(verdict.judgement),
        "label": verdict.label,
        "score": round(verdict.score, 4),
        "box": None if verdict.box is None else [round(edge, 5) for edge in verdict.box],
        "model": verdict.model,
        "looks_like_cases": list(look.like),
        "note": look.note,
    }
