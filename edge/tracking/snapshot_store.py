"""Pictures of tentative tracks, the first and the best of each, to be published once confirmed."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from edge.boxes import ImageBox
from edge.database import storage_errors
from edge.evidence import Evidence, EvidenceFrame
from edge.tracking.track import ObjectTrack, TrackState
from edge.tracking.tracker import TrackUpdate
from wire.messages import DetectionType, ShotRole

_KEEP = """
INSERT INTO snapshots (detection_id, role, sha256, score, x, y, w, h, frame_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (detection_id, role) DO UPDATE SET
    sha256 = excluded.sha256, score = excluded.score, frame_at = excluded.frame_at,
    x = excluded.x, y = excluded.y, w = excluded.w, h = excluded.h
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a fault, with the fault's box and score in it."""

    role: ShotRole
    evidence: Evidence
    box: ImageBox
    score: float
    frame_at: datetime


class SnapshotStore:
    """Two tables, over the worker's connection. Writes belong to the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, detection_id: str) -> list[Snapshot]:
        """The first and the best picture of a fault, or only one if they are the same.

        A picture that no longer has its hash is left out. Raises StorageFailed if the disk fails.
        """
        with storage_errors():
            rows = self._connection.execute(
                "SELECT * FROM snapshots JOIN pictures USING (sha256) WHERE detection_id = ?"
                " ORDER BY role DESC",
                (detection_id,),
            ).fetchall()
        snapshots: dict[str, Snapshot] = {}
        for row in rows:
            evidence = Evidence.of(row["jpeg"])
            if evidence.sha256 != row["sha256"]:
                continue
            box = ImageBox(row["x"], row["y"], row["w"], row["h"])
            at = datetime.fromisoformat(row["frame_at"])
            snapshots.setdefault(
                evidence.sha256, Snapshot(ShotRole(row["role"]), evidence, box, row["score"], at)
            )
        return list(snapshots.values())

    def keep(self, update: TrackUpdate, evidence_frame: EvidenceFrame) -> None:
        """Keep the picture for tracks that it shows first or best; delete those of settled tracks."""
        tentative = [
            track
            for track in update.kept
            if track.state is TrackState.TENTATIVE and track.seen_at == track.looked_at
        ]
        settled = [one.track for one in update.transitions if one.type is DetectionType.NEW]
        gone = [*(track.detection_id for track in settled), *update.forgotten]
        for track in tentative:
            self._keep(track, evidence_frame)
        if tentative or gone:
            self._delete(gone)

    def _delete(self, gone: list[str]) -> None:
        self._connection.executemany(
            "DELETE FROM snapshots WHERE detection_id = ?", [(one,) for one in gone]
        )
        self._connection.execute(
            "DELETE FROM pictures WHERE sha256 NOT IN (SELECT sha256 FROM snapshots)"
        )

    def _keep(self, track: ObjectTrack, evidence_frame: EvidenceFrame) -> None:
        scores = {
            row["role"]: row["score"]
            for row in self._connection.execute(
                "SELECT role, score FROM snapshots WHERE detection_id = ?", (track.detection_id,)
            )
        }
        if ShotRole.FIRST not in scores:
            self._write(track, ShotRole.FIRST, evidence_frame)
        if track.score > scores.get(ShotRole.BEST, 0.0):
            self._write(track, ShotRole.BEST, evidence_frame)

    def _write(self, track: ObjectTrack, role: ShotRole, evidence_frame: EvidenceFrame) -> None:
        picture, box = evidence_frame.whole, track.box.within_picture()
        self._connection.execute(
            "INSERT OR IGNORE INTO pictures (sha256, jpeg) VALUES (?, ?)",
            (picture.sha256, picture.jpeg),
        )
        place = (box.x, box.y, box.w, box.h, evidence_frame.frame.taken_at.isoformat())
        self._connection.execute(
            _KEEP, (track.detection_id, role, picture.sha256, track.score, *place)
        )
