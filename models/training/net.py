"""A dense anchor-free detector: 3x3 convolutions, ReLU, and a pyramid at strides 8, 16 and 32."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.config import NetConfig

STRIDES = (8, 16, 32)


def convolution(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, relu: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)


class Residual(nn.Module):  # type: ignore[misc]  # untyped without torch
    """Two convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels), convolution(channels, channels, relu=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        return functional.relu(x + self.body(x))


class Context(nn.Module):  # type: ignore[misc]  # untyped without torch
    """Adds to every cell its surroundings, up to the whole picture, which convolutions hardly reach.

    At first it does nothing, so that training can continue from a network without it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = convolution(3 * channels, channels, 1, relu=False)
        nn.init.zeros_(self.mix[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        wider, around = x, []
        for _ in range(3):
            wider = functional.max_pool2d(wider, 5, 1, 2)
            around.append(wider)
        return functional.relu(x + self.mix(torch.cat(around, 1)))


class DenseDetector(nn.Module):  # type: ignore[misc]  # untyped without torch
    """[B, 3, S, S] RGB in 0..1 -> [B, 4 + classes, N]: distances to the box's sides in strides, logits."""

    def __init__(self, config: NetConfig, classes: int) -> None:
        super().__init__()
        c, f = config.channels, config.pyramid
        self.stem = convolution(3, c[0], stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(
                convolution(c[k], c[k + 1], stride=2),
                *(Residual(c[k + 1]) for _ in range(config.blocks[k])),
            )
            for k in range(4)
        )
        if config.context:
            self.stages[-1].append(Context(c[4]))
        self.lateral = nn.ModuleList(convolution(channels, f, 1) for channels in c[2:])
        self.merge4, self.merge3 = convolution(f, f), convolution(f, f)
        self.down4, self.down5 = convolution(f, f, stride=2), convolution(f, f, stride=2)
        self.heads = nn.ModuleList(
            nn.Sequential(
                *(convolution(f, f) for _ in range(config.head_depth)), nn.Conv2d(f, 4 + classes, 1)
            )
            for _ in STRIDES
        )
        for head in self.heads:
            nn.init.constant_(head[-1].bias[:4], 1.0)
            nn.init.constant_(head[-1].bias[4:], -4.0)

    def forward(self, x: Tensor) -> Tensor:
        """Return the raw output of all points, finest stride first."""
        x = self.stem(x)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        c3, c4, c5 = (layer(f) for layer, f in zip(self.lateral, features[1:], strict=True))
        p4 = self.merge4(c4 + functional.interpolate(c5, scale_factor=2.0, mode="nearest"))
        p3 = self.merge3(c3 + functional.interpolate(p4, scale_factor=2.0, mode="nearest"))
        n4 = p4 + self.down4(p3)
        n5 = c5 + self.down5(n4)
        return torch.cat(
            [head(f).flatten(2) for head, f in zip(self.heads, (p3, n4, n5), strict=True)], 2
        )


def grid_points(side: int) -> tuple[Tensor, Tensor]:
    """Return the points [N, 2] (x, y) of a square input and their strides [N]."""
    points, strides = [], []
    for stride in STRIDES:
        line = (torch.arange(side // stride) + 0.5) * stride
        y, x = torch.meshgrid(line, line, indexing="ij")
        points.append(torch.stack([x, y], -1).view(-1, 2))
        strides.append(torch.full((len(line) ** 2,), float(stride)))
    return torch.cat(points), torch.cat(strides)


def decode(raw: Tensor, points: Tensor, strides: Tensor) -> tuple[Tensor, Tensor]:
    """Turn the raw output [B, 4 + C, N] into boxes xyxy [B, N, 4] in pixels and logits [B, N, C]."""
    raw = raw.float().transpose(1, 2)
    reach = functional.softplus(raw[..., :4]) * strides[:, None]
    return torch.cat([points - reach[..., :2], points + reach[..., 2:]], -1), raw[..., 4:]
