"""Averaged weights over the steps of a run, or over two runs; they do better than the last weights."""

from pathlib import Path

import torch
from torch import nn


def follow(average: nn.Module, model: nn.Module, step: int, decay: float) -> None:
    """Let averaged weights follow the trained ones, quickly in the first steps."""
    decay = min(decay, 1 - 1 / (step / 3 + 1))
    with torch.no_grad():
        for kept, new in zip(
            average.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if kept.dtype.is_floating_point:
                kept.mul_(decay).add_(new, alpha=1 - decay)
            else:
                kept.copy_(new)


def mix_checkpoints(earlier: Path, later: Path, share: float, out: Path) -> None:
    """Write the checkpoint of the later run with a mix of both runs' averaged weights.

    `share` (0..1) is that of the later run, which must have begun from the weights of the earlier one;
    weights of independent runs cannot be mixed. Raises ValueError for different networks.
    """
    state = torch.load(later, weights_only=True)
    before = torch.load(earlier, weights_only=True)["average"]
    if {name: w.shape for name, w in before.items()} != {
        name: w.shape for name, w in state["average"].items()
    }:
        raise ValueError(f"{earlier} and {later} are of different networks")
    for name, weights in state["average"].items():
        if weights.dtype.is_floating_point:
            weights.mul_(share).add_(before[name], alpha=1 - share)
    torch.save(state, out)
