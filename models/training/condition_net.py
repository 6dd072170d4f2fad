"""A small network that tells the condition of a cover from a crop."""

from itertools import pairwise

from torch import Tensor, nn

from models.training.net import Residual, convolution

CHANNELS = (16, 32, 64, 128)


class ConditionNet(nn.Module):  # type: ignore[misc]  # untyped without torch
    """[B, 3, S, S] RGB in 0..1 -> [B, classes] logits."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [convolution(3, CHANNELS[0], stride=2)]
        for before, after in pairwise(CHANNELS):
            layers += [convolution(before, after, stride=2), Residual(after)]
        layers.append(Residual(CHANNELS[-1]))
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(CHANNELS[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each crop."""
        return self.head(self.drop(self.features(x).mean((2, 3))))
