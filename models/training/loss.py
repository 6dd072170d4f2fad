"""Task-aligned assignment, varifocal classification and GIoU regression, with classes masked by zone."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.training.net import decode

_CANDIDATES = 10
_FOCUS = 0.75
_BOX_WEIGHT = 2.0


@dataclass(frozen=True)
class Targets:
    """The labels of one picture.

    `boxes` [n, 5] are x0, y0, x1, y1 and the class, or -1 for a box that must be ignored.
    `zones` [k, 4 + classes] are rectangles and, per class, the weight of a negative there.
    """

    boxes: Tensor
    zones: Tensor


def box_iou(one: Tensor, other: Tensor, *, generalised: bool = False) -> Tensor:
    """Overlap of boxes xyxy, element by element; generalised, it falls below 0 with distance."""
    low = torch.max(one[..., :2], other[..., :2])
    high = torch.min(one[..., 2:4], other[..., 2:4])
    size = (high - low).clamp(0)
    shared = size[..., 0] * size[..., 1]
    area_one = (one[..., 2] - one[..., 0]) * (one[..., 3] - one[..., 1])
    area_other = (other[..., 2] - other[..., 0]) * (other[..., 3] - other[..., 1])
    union = area_one + area_other - shared + 1e-7
    if not generalised:
        return shared / union
    span = (
        torch.max(one[..., 2:4], other[..., 2:4]) - torch.min(one[..., :2], other[..., :2])
    ).clamp(0)
    hull = span[..., 0] * span[..., 1] + 1e-7
    return shared / union - (hull - union) / hull


class DetectionLoss:
    """Loss of a batch for the points of one input size."""

    def __init__(self, points: Tensor, strides: Tensor) -> None:
        self._points, self._strides = points, strides

    def __call__(self, raw: Tensor, targets: list[Targets]) -> Tensor:
        """Return the mean loss per object of a batch of raw outputs."""
        boxes, logits = decode(raw, self._points, self._strides)
        quality = torch.zeros_like(logits)
        weights = torch.stack([self._negative_weights(t, logits.shape[-1]) for t in targets])
        box_loss, total = logits.new_zeros(()), 0.0
        for index, target in enumerate(targets):
            known = target.boxes[target.boxes[:, 4] >= 0]
            if not len(known):
                continue
            with torch.no_grad():
                chosen, owner, score = self._assign(boxes[index], logits[index], known)
            classes = known[owner, 4].long()
            quality[index, chosen, classes] = score
            weights[index, chosen] = (weights[index, chosen] > 0).float()
            weights[index, chosen, classes] = 1.0
            overlap = box_iou(boxes[index, chosen], known[owner, :4], generalised=True)
            box_loss = box_loss + ((1 - overlap) * score).sum()
            total += float(score.sum())
        guess = logits.detach().sigmoid()
        focus = torch.where(quality > 0, quality, _FOCUS * guess.square()) * weights
        class_loss = (
            functional.binary_cross_entropy_with_logits(logits, quality, reduction="none") * focus
        ).sum()
        return (class_loss + _BOX_WEIGHT * box_loss) / max(total, 1.0)

    def _inside(self, boxes: Tensor) -> Tensor:
        """Tell which points [N] lie in which boxes [n, 4]."""
        x, y = self._points[:, 0][None], self._points[:, 1][None]
        left, top, right, bottom = (boxes[:, k, None] for k in range(4))
        return (x > left) & (x < right) & (y > top) & (y < bottom)

    def _negative_weights(self, target: Targets, classes: int) -> Tensor:
        weights = torch.zeros(len(self._points), classes)
        for zone, inside in zip(target.zones, self._inside(target.zones), strict=True):
            weights[inside] = zone[4:]
        ignored = target.boxes[target.boxes[:, 4] < 0]
        if len(ignored):
            weights[self._inside(ignored).any(0)] = 0.0
        return weights

    def _assign(
        self, boxes: Tensor, logits: Tensor, known: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the points chosen for objects, the object of each, and its target quality."""
        inside = self._inside(known).float()
        scores = logits.sigmoid()[:, known[:, 4].long()].T
        overlap = box_iou(boxes[None], known[:, None, :4])
        fit = (scores.sqrt() * overlap.pow(4) + 1e-9) * inside
        best = fit.topk(_CANDIDATES, 1).indices
        mine = torch.zeros_like(fit).scatter_(1, best, 1.0) * inside
        disputed = mine.sum(0) > 1
        winner = (overlap * mine).argmax(0)
        mine[:, disputed] = 0.0
        mine[winner[disputed], disputed.nonzero()[:, 0]] = 1.0
        fit = fit * mine
        quality = fit / (fit.amax(1, keepdim=True) + 1e-9) * (overlap * mine).amax(1, keepdim=True)
        chosen = mine.sum(0) > 0
        return (
            chosen.nonzero()[:, 0],
            mine.argmax(0)[chosen],
            quality.amax(0)[chosen].clamp(min=0.05),
        )
