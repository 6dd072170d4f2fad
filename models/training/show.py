"""What a run shows of itself: the curve of its loss, and pictures as the network gets them."""

import json
from pathlib import Path

import cv2
import numpy as np
from torch import Tensor

from models.training.loss import Targets

CURVE_PICTURE = "loss.png"
SAMPLES_PICTURE = "samples.jpg"

_WIDTH, _HEIGHT, _EDGE = 900, 420, 60
_INK, _LINE = (60, 60, 60), (180, 90, 20)
_COLUMNS, _ROWS = 4, 2
_COLOURS = (
    (80, 220, 80), (0, 165, 255), (40, 40, 255), (255, 0, 255),
    (255, 255, 0), (128, 128, 0), (0, 0, 160), (160, 0, 0),
)  # fmt: skip
_IGNORED = (150, 150, 150)


def draw_curve(log: Path, out: Path) -> None:
    """Draw the losses of a log, one JSON object a line, over their steps; nothing before two are there."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    steps = np.array([line["step"] for line in lines], np.float64)
    losses = np.array([line["loss"] for line in lines], np.float64)
    if len(steps) < 2:
        return
    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    top = float(np.percentile(losses, 98)) * 1.05
    x = _EDGE + (steps - steps[0]) / max(1.0, steps[-1] - steps[0]) * (_WIDTH - 2 * _EDGE)
    y = _HEIGHT - _EDGE - np.clip(losses / top, 0, 1) * (_HEIGHT - 2 * _EDGE)
    for share in np.linspace(0, 1, 5):
        row = int(_HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE))
        cv2.line(image, (_EDGE, row), (_WIDTH - _EDGE, row), (225, 225, 225), 1)
        _write(image, f"{share * top:.2f}", (8, row + 5))
    cv2.polylines(image, [np.c_[x, y].astype(np.int32)], False, _LINE, 2, cv2.LINE_AA)
    _write(image, f"step {int(steps[-1])}, loss {losses[-1]:.3f}", (_EDGE, 30))
    cv2.imwrite(str(out), image)


def _write(image: np.ndarray, text: str, place: tuple[int, int]) -> None:
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, _INK, 1, cv2.LINE_AA)


def draw_samples(images: Tensor, targets: list[Targets], out: Path) -> None:
    """Lay the first pictures of a batch out with their boxes; grey ones are ignored in learning."""
    cells = []
    for image, target in zip(images[: _COLUMNS * _ROWS], targets, strict=False):
        cell = np.ascontiguousarray(image.permute(1, 2, 0).numpy()[..., ::-1])
        for x0, y0, x1, y1, number in target.boxes.tolist():
            colour = _COLOURS[int(number) % len(_COLOURS)] if number >= 0 else _IGNORED
            cv2.rectangle(cell, (int(x0), int(y0)), (int(x1), int(y1)), colour, 1)
        cells.append(cell)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % _COLUMNS)
    rows = [np.hstack(cells[k : k + _COLUMNS]) for k in range(0, len(cells), _COLUMNS)]
    cv2.imwrite(str(out), np.vstack(rows))
