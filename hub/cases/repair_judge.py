"""The released model as the judge of repair photos."""

from dataclasses import dataclass

import structlog

from hub.cases.repair_check import PhotoVerdict
from hub.evidence.eye import Eye
from models import NotAPicture, RepairJudgement, decode_jpeg, judge_repair

log = structlog.get_logger()


@dataclass(frozen=True)
class ModelJudge:
    """Judges by what the eye sees; the model's name and version go into every verdict."""

    eye: Eye

    @property
    def name(self) -> str:
        return f"{self.eye.model.name} {self.eye.model.version}"

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        try:
            picture = decode_jpeg(jpeg)
        except NotAPicture as error:
            log.warning("repair_photo_not_decoded", reason=str(error))
            return PhotoVerdict(RepairJudgement.UNSURE, None, 0.0, None, self.name)
        verdict = judge_repair(self.eye, picture)
        height, width = picture.shape[:2]
        box = None
        if verdict.box is not None:
            x, y, w, h = verdict.box
            box = (x / width, y / height, w / width, h / height)
        return PhotoVerdict(verdict.verdict, verdict.label, float(verdict.score), box, self.name)
