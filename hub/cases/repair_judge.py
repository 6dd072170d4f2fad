"""The released model as the close gate's judge."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from hub.cases.close_gate import Judgement, PhotoVerdict
from models import Detector, NotAPicture, decode_jpeg, judge_repair

log = structlog.get_logger()


@dataclass(frozen=True)
class ModelJudge:
    """Judges by a detector; `name` goes into every verdict."""

    detector: Detector
    name: str

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        try:
            picture = decode_jpeg(jpeg)
        except NotAPicture as error:
            log.warning("repair_photo_not_decoded", reason=str(error))
            return PhotoVerdict(Judgement.UNSURE, None, 0.0, None, self.name)
        verdict = judge_repair(self.detector, picture)
        height, width = picture.shape[:2]
        box = None
        if verdict.box is not None:
            x, y, w, h = verdict.box
            box = (x / width, y / height, w / width, h / height)
        judgement = Judgement(verdict.verdict)
        return PhotoVerdict(judgement, verdict.label, float(verdict.score), box, self.name)


def load_judge(model_dir: Path) -> ModelJudge:
    """The judge by the model in `model_dir`. Raises models.ModelRejected."""
    detector = Detector.load(model_dir)
    manifest = detector.manifest
    return ModelJudge(detector, f"{manifest.name} {manifest.version}")
