"""The second look: classifies the condition of a cover from a crop at the picture's own resolution."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from models.manifest import ConditionSpec

if TYPE_CHECKING:
    import onnxruntime

CROPS_NAME = "crops"
CONDITIONS_NAME = "conditions"
"""crops [n, side, side, 3] uint8 BGR; conditions [n, states + 1] sum to 1, the last being no cover."""


def cut_crop(
    image: NDArray[np.uint8], box: NDArray[np.float32], side: int, margin: float
) -> NDArray[np.uint8]:
    """Cut a box xyxy out, grown to `margin` times its size, and stretch it to a square.

    Stretching undoes most of the foreshortening: round covers come out round. What lies outside
    the picture repeats its border.
    """
    height, width = image.shape[:2]
    middle, half = (box[:2] + box[2:]) / 2, np.maximum(box[2:] - box[:2], 2.0) * (margin / 2)
    left, top = np.floor(middle - half).astype(int)
    right, bottom = np.ceil(middle + half).astype(int)
    part = image[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    edges = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    if any(edges):
        part = np.asarray(cv2.copyMakeBorder(part, *edges, cv2.BORDER_REPLICATE), np.uint8)
    shrinks = min(part.shape[:2]) > 2 * side
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (side, side), interpolation=way), np.uint8)


class ConditionReader:
    """A loaded condition network."""

    def __init__(self, spec: ConditionSpec, session: "onnxruntime.InferenceSession") -> None:
        self._spec = spec
        self._session = session

    def read(self, image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify the covers in boxes xyxy [n, 4]: shares [n, states + 1], no cover last."""
        side, margin = self._spec.side, self._spec.margin
        crops = np.stack([cut_crop(image, box, side, margin) for box in boxes])
        (conditions,) = self._session.run([CONDITIONS_NAME], {CROPS_NAME: crops})
        return np.asarray(conditions, np.float32)


def settle(
    first: NDArray[np.float32], second: NDArray[np.float32], spec: ConditionSpec
) -> NDArray[np.float32]:
    """Combine the detector's scores of the states [n, 3] with the second look [n, 4].

    States are good, broken, open and, last in the second look, no cover. Returns the score of each
    state [n, 3]; their sum says how likely there is a cover at all.
    """
    shares = first / np.maximum(first.sum(1, keepdims=True), 1e-6)
    states = second[:, :-1] / np.maximum(second[:, :-1].sum(1, keepdims=True), 1e-6)
    gone = (1 - spec.open_trust) * shares[:, 2:] + spec.open_trust * states[:, 2:]
    lids = (shares[:, :2] + 1e-4) ** (1 - spec.trust) * (states[:, :2] + 1e-4) ** spec.trust
    lids *= (1 - gone) / lids.sum(1, keepdims=True)
    there = (1 - (1 - first).prod(1, keepdims=True)) * (1 - second[:, -1:]) ** spec.doubt
    return np.asarray(there * np.c_[lids, gone], np.float32)
