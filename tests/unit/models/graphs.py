"""Small ONNX graphs, written field by field (onnx.proto3), so that tests need no package for it."""

from collections.abc import Sequence

import numpy as np

_UINT8, _FLOAT = 2, 1


def detector_graph(
    side: int, boxes: np.ndarray, scores: np.ndarray, work: int = 0, dtype: int = _UINT8
) -> bytes:
    """A graph that takes [1, side, side, 3] and always gives these; `work` makes it slow."""
    nodes = [_node("Cast", ["image"], ["x0"], _attribute("to", _FLOAT))]
    nodes += [_node("Sin", [f"x{step}"], [f"x{step + 1}"]) for step in range(work)]
    nodes += [
        _node("ReduceMax", [f"x{work}"], ["most"], _attribute("keepdims", 0)),
        _node("Mul", ["most", "nought"], ["nothing"]),
        _node("Add", ["known_boxes", "nothing"], ["boxes"]),
        _node("Add", ["known_scores", "nothing"], ["scores"]),
    ]
    known = {"nought": np.float32(0), "known_boxes": boxes, "known_scores": scores}
    graph = b"".join(_field(1, node) for node in nodes)
    graph += _field(2, b"graph")
    graph += b"".join(_field(5, _tensor(name, values)) for name, values in known.items())
    graph += _field(11, _value("image", dtype, [1, side, side, 3]))
    graph += _field(12, _value("boxes", _FLOAT, boxes.shape))
    graph += _field(12, _value("scores", _FLOAT, scores.shape))
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))


def _node(
    kind: str, inputs: Sequence[str], outputs: Sequence[str], attribute: bytes = b""
) -> bytes:
    names = [_field(1, one.encode()) for one in inputs] + [
        _field(2, one.encode()) for one in outputs
    ]
    return b"".join(names) + _field(4, kind.encode()) + (_field(5, attribute) if attribute else b"")


def _attribute(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + _number(3, value) + _number(20, 2)


def _tensor(name: str, values: np.ndarray | np.float32) -> bytes:
    raw = np.asarray(values, np.float32)
    dims = b"".join(_number(1, length) for length in raw.shape)
    return dims + _number(2, _FLOAT) + _field(8, name.encode()) + _field(9, raw.tobytes())


def _value(name: str, dtype: int, shape: Sequence[int]) -> bytes:
    dims = b"".join(_field(1, _number(1, length)) for length in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, dtype) + _field(2, dims)))


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _field(tag: int, data: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])
