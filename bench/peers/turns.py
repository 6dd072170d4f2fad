"""What the peers' programs share: one thread for every session, and turns with the graph alone."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

_UNTIMED = 8
_Session = onnxruntime.InferenceSession


def one_thread() -> None:
    """Let whoever opens a session get one thread, without spinning, as this project's do."""

    def opened(weights, sess_options=None, *rest, **named):
        options = sess_options or onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return _Session(weights, options, *rest, **named)

    cv2.setNumThreads(1)
    onnxruntime.InferenceSession = opened


class Arguments:
    """WRAPPED PICTURES CLASSES FRAMES SIDE"""

    def __init__(self) -> None:
        self.weights, folder, classes, frames, side = sys.argv[1:6]
        self.classes = classes.split(",")
        self.frames, self.side = int(frames), int(side)
        self.pictures = [cv2.imread(str(path)) for path in sorted(Path(folder).glob("*.jpg"))]


def measured(
    arguments: Arguments, look: Callable[[np.ndarray], object], version: str, note: str
) -> dict:
    """Medians of a look and of the graph alone, and of their quotient by both clocks, in turns."""
    session = onnxruntime.InferenceSession(arguments.weights, providers=["CPUExecutionProvider"])
    node = session.get_inputs()[0]
    rng = np.random.default_rng(0)
    feed = {node.name: rng.random(node.shape, np.float32)}
    rows = []
    for turn in range(_UNTIMED + arguments.frames):
        picture = arguments.pictures[turn % len(arguments.pictures)]
        instants = [(time.perf_counter(), time.thread_time())]
        for work in (lambda picture=picture: look(picture), lambda: session.run(None, feed)):
            work()
            instants.append((time.perf_counter(), time.thread_time()))
        rows.append(np.diff(np.array(instants), axis=0) * 1000)
    (look_ms, _), (bare_ms, _) = np.median(rows[_UNTIMED:], axis=0)
    ratio, ratio_cpu = np.median([row[0] / row[1] for row in rows[_UNTIMED:]], axis=0)
    return {
        "ms": round(float(look_ms), 2),
        "bare_ms": round(float(bare_ms), 2),
        "ratio": round(float(ratio), 3),
        "ratio_cpu": round(float(ratio_cpu), 3),
        "version": version,
        "note": note,
    }


def mend_torchvision() -> str:
    """Make torchvision load beside a processor-only torch, for which it has no build at most indexes.

    Only its nms is then OpenCV's, on the few boxes that are left by then. Returns what was done.
    """
    import torch

    try:
        import torchvision
    except RuntimeError:
        for name in [each for each in sys.modules if each.split(".")[0] == "torchvision"]:
            del sys.modules[name]
    else:
        return ""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", _nms, "CPU")
    _libraries.append(library)
    import torchvision

    torchvision.ops.nms = _nms
    return "torchvision's nms replaced by OpenCV's"


_libraries: list = []


def _nms(boxes, scores, overlap):
    import torch

    corners, order = boxes.numpy(), scores.numpy()
    sizes = np.c_[corners[:, :2], corners[:, 2:] - corners[:, :2]]
    kept = cv2.dnn.NMSBoxes(sizes.tolist(), order.tolist(), 0.0, overlap)
    return torch.as_tensor(np.asarray(kept, np.int64).ravel())
