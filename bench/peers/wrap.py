"""Give a detector's graph the form that YOLO runtimes expect: WEIGHTS OUT CLASSES (comma-separated).

Before it: float RGB NCHW from 0 to 1, made into uint8 BGR NHWC. After it: boxes as middle and size, and
scores, in one output [1, 4 + classes, N]. The layers in between are the same.
"""

import sys

import onnx
from onnx import TensorProto, helper, numpy_helper


def wrapped(model: onnx.ModelProto, classes: list[str]) -> onnx.ModelProto:
    graph = model.graph
    side = graph.input[0].type.tensor_type.shape.dim[1].dim_value
    points = graph.output[0].type.tensor_type.shape.dim[0].dim_value
    known = {"w_255": 255.0, "w_half": 0.5}
    numbers = [numpy_helper.from_array(_array(value, "f4"), name) for name, value in known.items()]
    numbers.append(numpy_helper.from_array(_array([2, 1, 0], "i8"), "w_bgr"))
    numbers.append(numpy_helper.from_array(_array([2, 2], "i8"), "w_two"))
    before = [
        helper.make_node("Mul", ["images", "w_255"], ["w_levels"]),
        helper.make_node("Cast", ["w_levels"], ["w_bytes"], to=TensorProto.UINT8),
        helper.make_node("Gather", ["w_bytes", "w_bgr"], ["w_swapped"], axis=1),
        helper.make_node("Transpose", ["w_swapped"], ["image"], perm=[0, 2, 3, 1]),
    ]
    after = [
        helper.make_node("Split", ["boxes", "w_two"], ["w_low", "w_size"], axis=1),
        helper.make_node("Mul", ["w_size", "w_half"], ["w_reach"]),
        helper.make_node("Add", ["w_low", "w_reach"], ["w_middle"]),
        helper.make_node("Concat", ["w_middle", "w_size"], ["w_boxes"], axis=1),
        helper.make_node("Transpose", ["w_boxes"], ["w_rows"], perm=[1, 0]),
        helper.make_node("Concat", ["w_rows", "scores"], ["w_all"], axis=0),
        helper.make_node("Unsqueeze", ["w_all", "w_first"], ["output0"]),
    ]
    numbers.append(numpy_helper.from_array(_array([0], "i8"), "w_first"))
    shape = [1, 4 + len(classes), points]
    made = helper.make_graph(
        [*before, *graph.node, *after],
        "wrapped",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)],
        [*graph.initializer, *numbers],
    )
    result = helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)
    helper.set_model_props(result, _properties(classes, side))
    return result


def _properties(classes: list[str], side: int) -> dict[str, str]:
    return {
        "names": str(dict(enumerate(classes))),
        "imgsz": str([side, side]),
        "stride": "32",
        "batch": "1",
        "task": "detect",
    }


def _array(values, kind):
    import numpy as np

    return np.array(values, kind)


if __name__ == "__main__":
    made = wrapped(onnx.load(sys.argv[1]), sys.argv[3].split(","))
    onnx.checker.check_model(made)
    onnx.save(made, sys.argv[2])
