"""What a training run is told, read from a TOML file."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetConfig(_Section):
    """Sizes of the network: channels at strides 2 to 32, residual blocks at strides 4 to 32."""

    channels: tuple[int, int, int, int, int] = (16, 24, 48, 96, 160)
    blocks: tuple[int, int, int, int] = (1, 1, 2, 1)
    pyramid: int = 48
    head_depth: int = 1


class DataConfig(_Section):
    """How samples are mixed and changed."""

    real_share: float = Field(0.3, ge=0, le=1, description="share of real photos")
    mosaic_share: float = Field(
        0.55, ge=0, le=1, description="share of samples made of four pictures"
    )
    plain_share: float = Field(
        0.4, ge=0, le=1, description="share of the others that stay as they come"
    )
    kept_pictures: int = Field(
        0, ge=0, description="pictures kept decoded in memory, about 1 MB each"
    )
    assumed_absent: tuple[str, ...] = ("manhole_good", "manhole_broken", "manhole_open")
    assumed_absent_weight: float = Field(
        0.5,
        ge=0,
        le=1,
        description="weight of these as negatives in real photos that did not label them",
    )


class TrainConfig(_Section):
    """One run. It ends at `steps` or after `minutes`, whichever comes first."""

    name: str
    version: str
    classes: tuple[str, ...]
    side: int = Field(416, multiple_of=32)
    seed: int = 1
    steps: int = 20_000
    minutes: float = 150
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up_steps: int = 100
    ema_decay: float = 0.998
    threads: int = 2
    checkpoint_every_s: float = 120
    net: NetConfig = NetConfig()
    data: DataConfig = DataConfig()


class ConditionConfig(_Section):
    """A run of the condition network. It ends at `steps` or after `minutes`, whichever comes first."""

    classes: tuple[str, ...]
    side: int = Field(96, multiple_of=16)
    margin: float = Field(1.35, description="size of a crop over that of the cover's box")
    seed: int = 1
    steps: int = 6000
    minutes: float = 30
    batch: int = 48
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    smoothing: float = Field(0.03, description="label smoothing")
    ema_decay: float = 0.995
    threads: int = 1


def read_condition_config(path: Path) -> ConditionConfig:
    """Read the configuration of a condition run; raises pydantic.ValidationError where it is wrong."""
    return ConditionConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def read_config(path: Path) -> TrainConfig:
    """Read a run's configuration; raises pydantic.ValidationError where it is wrong."""
    return TrainConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
