"""The configuration of a training run, read from a TOML file."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetConfig(_Section):
    """Sizes of the network: channels at strides 2 to 32, residual blocks at strides 4 to 32."""

    channels: tuple[int, int, int, int, int] = (16, 32, 64, 128, 192)
    blocks: tuple[int, int, int, int] = (1, 2, 2, 1)
    pyramid: int = 64
    head_depth: int = 1
    context: bool = Field(False, description="pool the top features over the whole picture")


class FoundCover(_Section):
    """A cover in a real photo whose labels leave covers out; box xyxy in pixels.

    Without a label nothing is learned there: it may be a cover or not.
    """

    photo: str
    box: tuple[float, float, float, float]
    label: str | None = None


class DataConfig(_Section):
    """How samples are mixed and changed."""

    real_share: float = Field(0.3, ge=0, le=1, description="share of real photos")
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
    found_covers: tuple[FoundCover, ...] = ()
    found_repeats: int = Field(1, ge=1, description="how often photos with found covers come")


class TrainingStage(_Section):
    """A part of a run; later stages have larger pictures, once coarse features are learned."""

    until: float = Field(1.0, gt=0, le=1, description="share of the run at which it ends")
    side: int = Field(416, multiple_of=32, description="of the pictures it learns from, pixels")
    mosaic_share: float = Field(
        0.55, ge=0, le=1, description="share of samples made of four pictures"
    )


class TrainConfig(_Section):
    """One run. It ends at `steps` or after `minutes`, whichever comes first."""

    name: str
    version: str
    classes: tuple[str, ...]
    side: int = Field(416, multiple_of=32, description="of the released network's input, pixels")
    stages: tuple[TrainingStage, ...] = (TrainingStage(),)
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
    mixed_precision: bool = Field(
        True, description="bfloat16 if it is safe; twice as fast on a recent processor"
    )
    net: NetConfig = NetConfig()
    data: DataConfig = DataConfig()

    def stage(self, progress: float) -> TrainingStage:
        """Return the stage at this share of the run."""
        return next((s for s in self.stages if progress < s.until), self.stages[-1])


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
    mixed_precision: bool = True
    ema_decay: float = 0.995
    threads: int = 1


def read_condition_config(path: Path) -> ConditionConfig:
    """Read the configuration of a condition run; raises pydantic.ValidationError if it is wrong."""
    return ConditionConfig.model_validate(_read_toml(path))


def read_config(path: Path) -> TrainConfig:
    """Read a run's configuration; raises pydantic.ValidationError if it is wrong.

    `data.found_covers` may name a file beside it that lists them. Raises FileNotFoundError without it.
    """
    told = _read_toml(path)
    data = told.get("data", {})
    if isinstance(name := data.get("found_covers"), str):
        data["found_covers"] = _read_toml(path.parent / name).get("found_covers", [])
    return TrainConfig.model_validate(told)


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
