"""From a checkpoint to an ONNX graph that takes a letterboxed uint8 BGR picture as it is."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from models.condition import CONDITIONS_NAME, CROPS_NAME
from models.detector import INPUT_NAME, OUTPUT_NAMES
from models.training.condition_net import ConditionNet
from models.training.config import ConditionConfig, TrainConfig
from models.training.net import DenseDetector, decode, grid_points

_OPSET = 17


@dataclass(frozen=True)
class Checkpoint:
    """The averaged weights of a run, and its progress."""

    config: TrainConfig
    model: DenseDetector
    step: int
    spent_s: float


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint of `train`."""
    state = torch.load(path, weights_only=True)
    config = TrainConfig.model_validate(state["config"])
    model = DenseDetector(config.net, len(config.classes))
    model.load_state_dict(state["average"])
    return Checkpoint(config, model.eval(), state["step"], state["spent_s"])


class _DeployedCondition(nn.Module):  # type: ignore[misc]  # untyped without torch
    """uint8 [n, S, S, 3] BGR -> shares [n, states + 1]."""

    def __init__(self, model: ConditionNet) -> None:
        super().__init__()
        self.model = model
        first = self.model.features[0][0]
        first.weight.data = first.weight.data.flip(1) / 255

    def forward(self, crops: Tensor) -> Tensor:
        return self.model(crops.permute(0, 3, 1, 2).float()).softmax(1)


def read_condition(path: Path) -> tuple[ConditionConfig, ConditionNet]:
    """Read what `train-condition` left."""
    state = torch.load(path, weights_only=True)
    config = ConditionConfig.model_validate(state["config"])
    model = ConditionNet(len(config.classes) + 1)
    model.load_state_dict(state["average"])
    return config, model.eval()


def write_condition_onnx(config: ConditionConfig, model: ConditionNet, path: Path) -> None:
    """Write the graph of the second look, for any number of crops, and check it."""
    example = torch.zeros(2, config.side, config.side, 3, dtype=torch.uint8)
    _export(
        _DeployedCondition(model).eval(),
        example,
        path,
        CROPS_NAME,
        [CONDITIONS_NAME],
        any_number=True,
    )


class _Deployed(nn.Module):  # type: ignore[misc]  # untyped without torch
    """uint8 [1, S, S, 3] BGR -> boxes [N, 4] (x, y, w, h), scores [classes, N]."""

    def __init__(self, model: DenseDetector, side: int) -> None:
        super().__init__()
        self.model = model
        first = self.model.stem[0]
        # Scale and channel order go into the first weights; zero padding means the same before and after.
        first.weight.data = first.weight.data.flip(1) / 255
        points, strides = grid_points(side)
        self.register_buffer("points", points)
        self.register_buffer("strides", strides)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        raw = self.model(image.permute(0, 3, 1, 2).float())
        boxes, _ = decode(raw, self.points, self.strides)
        corner, opposite = boxes[0, :, :2], boxes[0, :, 2:]
        return torch.cat([corner, opposite - corner], 1), raw[0, 4:].sigmoid()


def write_onnx(checkpoint: Checkpoint, path: Path) -> None:
    """Write the graph, with batch normalisation folded into the convolutions, and check it."""
    side = checkpoint.config.side
    deployed = _Deployed(checkpoint.model, side).eval()
    example = torch.zeros(1, side, side, 3, dtype=torch.uint8)
    _export(deployed, example, path, INPUT_NAME, list(OUTPUT_NAMES))


def _export(
    module: nn.Module,
    example: Tensor,
    path: Path,
    takes: str,
    gives: list[str],
    *,
    any_number: bool = False,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            module,
            (example,),
            str(path),
            input_names=[takes],
            output_names=gives,
            dynamic_axes={name: {0: "n"} for name in (takes, *gives)} if any_number else None,
            opset_version=_OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(onnx.load(path), full_check=True)
