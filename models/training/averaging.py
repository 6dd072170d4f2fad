"""Averaged weights, which do better than the last ones."""

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
