"""The released model as the checker of reports' photos."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hub.evidence.photo_model import PhotoModel
from hub.signals.photo_check import Claim, PhotoCheck, ReportVerdict, SeenObject, compare
from models import NotAPicture, decode_jpeg

_LEAST_SCORE = 0.1
"""The least score at which a person is shown what the model only suspects."""


@dataclass(frozen=True, slots=True)
class ReportPhotoModel:
    """Compares a photo with what was reported."""

    photo_model: PhotoModel

    def check(self, jpeg: bytes, claim: Claim) -> PhotoCheck:
        """Check one JPEG. If it can't be decoded, the verdict is UNSURE. Blocking."""
        model = {name: str(value) for name, value in asdict(self.photo_model.info).items()}
        try:
            picture = decode_jpeg(jpeg)
        except NotAPicture as error:
            return PhotoCheck(ReportVerdict.UNSURE, note=f"it cannot be decoded: {error}")
        verdict, seen = compare(claim, self._objects(picture))
        return PhotoCheck(verdict, seen, {**model})

    def _objects(self, picture: NDArray[np.uint8]) -> list[SeenObject]:
        height, width = picture.shape[:2]
        return [
            SeenObject(
                each.label,
                each.score,
                each.score >= self.photo_model.threshold(each.label),
                (each.x / width, each.y / height, each.w / width, each.h / height),
            )
            for each in self.photo_model.detect(picture, min_score=_LEAST_SCORE)
        ]
