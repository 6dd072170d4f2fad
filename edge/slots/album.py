"""Pictures kept of what is not certain yet: the first look at it and the best, for when it is."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from edge.boxes import Box
from edge.database import told_apart
from edge.evidence import Evidence, Proof
from edge.slots.book import Outcome
from edge.slots.slot import Slot, SlotState
from wire.messages import DetectionType, ShotRole

_KEEP = """
INSERT INTO shots (detection_id, role, sha256, score, x, y, w, h, frame_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (detection_id, role) DO UPDATE SET
    sha256 = excluded.sha256, score = excluded.score, frame_at = excluded.frame_at,
    x = excluded.x, y = excluded.y, w = excluded.w, h = excluded.h
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of a fault, with its box and score in it."""

    role: ShotRole
    evidence: Evidence
    box: Box
    score: float
    frame_at: datetime


class Album:
    """Two tables, over the worker's connection; writes are part of the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, detection_id: str) -> list[Kept]:
        """The first look at a fault and the best one, each picture once, if it is still what it was.

        Raises StorageFailed where the disk does not give them back.
        """
        with told_apart():
            rows = self._connection.execute(
                "SELECT * FROM shots JOIN pictures USING (sha256) WHERE detection_id = ?"
                " ORDER BY role DESC",
                (detection_id,),
            ).fetchall()
        kept: dict[str, Kept] = {}
        for row in rows:
            evidence = Evidence.of(row["jpeg"])
            if evidence.sha256 != row["sha256"]:
                continue
            box = Box(row["x"], row["y"], row["w"], row["h"])
            at = datetime.fromisoformat(row["frame_at"])
            kept.setdefault(
                evidence.sha256, Kept(ShotRole(row["role"]), evidence, box, row["score"], at)
            )
        return list(kept.values())

    def keep(self, outcome: Outcome, proof: Proof) -> None:
        """Keep the picture for what it shows first or best; let go of what is settled."""
        doubtful = [
            slot
            for slot in outcome.kept
            if slot.state is SlotState.CANDIDATE and slot.seen_at == slot.looked_at
        ]
        settled = [one.slot for one in outcome.transitions if one.type is DetectionType.NEW]
        gone = [*(slot.detection_id for slot in settled), *outcome.forgotten]
        for slot in doubtful:
            self._keep(slot, proof)
        if doubtful or gone:
            self._let_go(gone)

    def _let_go(self, gone: list[str]) -> None:
        self._connection.executemany(
            "DELETE FROM shots WHERE detection_id = ?", [(one,) for one in gone]
        )
        self._connection.execute(
            "DELETE FROM pictures WHERE sha256 NOT IN (SELECT sha256 FROM shots)"
        )

    def _keep(self, slot: Slot, proof: Proof) -> None:
        scores = {
            row["role"]: row["score"]
            for row in self._connection.execute(
                "SELECT role, score FROM shots WHERE detection_id = ?", (slot.detection_id,)
            )
        }
        if ShotRole.FIRST not in scores:
            self._write(slot, ShotRole.FIRST, proof)
        if slot.score > scores.get(ShotRole.BEST, 0.0):
            self._write(slot, ShotRole.BEST, proof)

    def _write(self, slot: Slot, role: ShotRole, proof: Proof) -> None:
        picture, box = proof.whole, slot.box.within_picture()
        self._connection.execute(
            "INSERT OR IGNORE INTO pictures (sha256, jpeg) VALUES (?, ?)",
            (picture.sha256, picture.jpeg),
        )
        place = (box.x, box.y, box.w, box.h, proof.frame.taken_at.isoformat())
        self._connection.execute(
            _KEEP, (slot.detection_id, role, picture.sha256, slot.score, *place)
        )
