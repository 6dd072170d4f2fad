"""The released model as what looks at reports' photos."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hub.evidence.photo_model import PhotoModel
from hub.signals.look import Claim, Look, Sighting, Verdict, judge
from models import NotAPicture, decode_jpeg

_GLANCE = 0.1
"""From this score on a person is told what the model only suspects."""


@dataclass(frozen=True, slots=True)
class ReportEye:
    """Compares a photo with what was reported."""

    photo_model: PhotoModel

    def look(self, jpeg: bytes, claim: Claim) -> Look:
        """Look at one JPEG. What can't be decoded is UNSURE. Blocking."""
        model = {name: str(value) for name, value in asdict(self.photo_model.info).items()}
        try:
            picture = decode_jpeg(jpeg)
        except NotAPicture as error:
            return Look(Verdict.UNSURE, note=f"it cannot be decoded: {error}")
        verdict, seen = judge(claim, self._sightings(picture))
        return Look(verdict, seen, {**model})

    def _sightings(self, picture: NDArray[np.uint8]) -> list[Sighting]:
        height, width = picture.shape[:2]
        return [
            Sighting(
                each.label,
                each.score,
                each.score >= self.photo_model.threshold(each.label),
                (each.x / width, each.y / height, each.w / width, each.h / height),
            )
            for each in self.photo_model.detect(picture, min_score=_GLANCE)
        ]
