"""A picture of what the model gets wrong, made of renders only."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from models.manifest import FAILURES_NAME
from models.training.rendered import Failure, StateTally
from scenes.frame import Picture, RenderedFrame
from scenes.sheet import contact_sheet

_MOST = 12
_CELL_PX = 240


def write_failures(tallies: Mapping[str, StateTally], folder: Path) -> None:
    """Write a sheet of up to a dozen failures, taken from all kinds of renders in turn.

    Each shows the missed or mistaken cover in its surroundings and says what it is and what was told.
    """
    queues = [list(tally.failures) for tally in tallies.values()]
    chosen: list[Failure] = []
    while any(queues) and len(chosen) < _MOST:
        chosen += [queue.pop(0) for queue in queues if queue]
    if not chosen:
        (folder / FAILURES_NAME).unlink(missing_ok=True)
        return
    frames = [RenderedFrame(_shown(failure), ()) for failure in chosen[:_MOST]]
    sheet = contact_sheet(frames, columns=4, cell=_CELL_PX, boxes=False)
    cv2.imwrite(str(folder / FAILURES_NAME), sheet, [cv2.IMWRITE_JPEG_QUALITY, 82])


def _shown(failure: Failure) -> Picture:
    """Cut the surroundings of the cover out, mark it, and write what it is and what was told."""
    image, box = failure.frame.image, failure.box
    reach = max(box.w, box.h) * 1.3
    x, y = box.x + box.w / 2, box.y + box.h / 2
    scale = _CELL_PX / (2 * reach)
    move = np.array([[scale, 0, _CELL_PX / 2 - x * scale], [0, scale, _CELL_PX / 2 - y * scale]])
    cut = np.asarray(cv2.warpAffine(image, move, (_CELL_PX, _CELL_PX)), np.uint8)
    half = box.w * scale / 2, box.h * scale / 2
    low = int(_CELL_PX / 2 - half[0]), int(_CELL_PX / 2 - half[1])
    high = int(_CELL_PX / 2 + half[0]), int(_CELL_PX / 2 + half[1])
    cv2.rectangle(cut, low, high, (255, 255, 255), 1)
    words = f"{_short(box.label)}, told {_short(failure.told)}"
    cv2.rectangle(cut, (0, 0), (_CELL_PX, 20), (0, 0, 0), -1)
    cv2.putText(cut, words, (6, 14), 0, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return cut


def _short(label: str | None) -> str:
    return "nothing" if label is None else label.removeprefix("manhole_")
