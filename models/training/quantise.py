"""From fp32 to int8: static quantisation, with the output convolutions left as they are."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.detector import INPUT_NAME
from models.letterbox import Letterbox

_QUANTISED = ["Conv", "Add", "MaxPool", "Resize"]


class _Pictures(CalibrationDataReader):  # type: ignore[misc]  # untyped in onnxruntime
    """Letterboxed pictures, one after the other, in the form that the graph takes."""

    def __init__(self, pictures: Iterator[NDArray[np.uint8]], side: int) -> None:
        self._pictures, self._side = pictures, side

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        image = next(self._pictures, None)
        if image is None:
            return None
        shown = np.zeros((1, self._side, self._side, 3), np.uint8)
        height, width = image.shape[:2]
        Letterbox.fitting(width, height, self._side, self._side).fill(image, shown[0])
        return {INPUT_NAME: shown}


def write_int8(graph: Path, pictures: Iterator[NDArray[np.uint8]], out: Path) -> None:
    """Quantise a detector's graph with the ranges that pictures [H, W, 3] BGR make it take.

    The last convolution of each head and what follows stay fp32: there a step of int8 would be
    felt in the scores.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(graph), str(prepared), skip_symbolic_shape=True)
        model = onnx.load(prepared)
        side = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
        quantize_static(
            str(prepared),
            str(out),
            _Pictures(pictures, side),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_QUANTISED,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=output_convolutions(model),
            extra_options={"CalibMovingAverage": True, "ActivationSymmetric": False},
        )


def output_convolutions(model: onnx.ModelProto) -> list[str]:
    """Name the convolutions between which and an output of the graph there is no other."""
    producers = {name: node for node in model.graph.node for name in node.output}
    waiting, found = [output.name for output in model.graph.output], dict[str, None]()
    seen: set[str] = set()
    while waiting:
        node = producers.get(waiting.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        if node.op_type == "Conv":
            found[node.name] = None
        else:
            waiting += node.input
    return list(found)
