"""The configuration that the hub may ask for, and the setup that the node runs with as a result."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from edge.gate import GateLimits
from edge.reach import OutOfReach, Reach
from edge.settings import CameraSettings, check_each_once
from edge.validation import explained

_LONGEST_REASON = 500

_Seconds = Annotated[float, Field(ge=1, le=3600)]
_Threshold = Annotated[float, Field(gt=0, lt=1)]


class BadConfig(ValueError):
    """The node cannot run the configuration; the text names the field and the reason."""


class EdgeConfig(BaseModel):
    """The `settings` of `config/desired`. A field left out keeps the node's own setting.

    `cameras` replaces the cameras file; `thresholds` holds the score from which a class counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cameras: tuple[CameraSettings, ...] | None = None
    thresholds: dict[str, _Threshold] = Field(default_factory=dict)
    heartbeat_day_s: _Seconds | None = None
    heartbeat_night_s: _Seconds | None = None
    health_every_s: _Seconds | None = None

    @field_validator("cameras")
    @classmethod
    def _each_once(
        cls, cameras: tuple[CameraSettings, ...] | None
    ) -> tuple[CameraSettings, ...] | None:
        if cameras is not None:
            check_each_once(cameras)
        return cameras


def read_config(
    settings: Mapping[str, JsonValue], reach: Reach, classes: Collection[str] | None = None
) -> EdgeConfig:
    """Check what the hub asks for, its cameras' addresses, and that the model has these classes.

    Raises BadConfig.
    """
    try:
        config = EdgeConfig.model_validate(settings)
    except ValidationError as error:
        raise BadConfig(_reason(error)) from None
    for camera in config.cameras or ():
        try:
            reach.check(camera.address)
        except OutOfReach as error:
            raise BadConfig(f"cameras: {camera.camera_id}: {error}") from None
    if classes is not None and (unknown := config.thresholds.keys() - set(classes)):
        raise BadConfig(
            f"thresholds: the model has no class {', '.join(sorted(unknown))}; "
            f"it has {', '.join(sorted(classes))}"
        )
    return config


@dataclass(frozen=True)
class Setup:
    """What the node runs with. Version 0 is what it was installed with."""

    version: int
    cameras: tuple[CameraSettings, ...]
    health_every_s: float
    thresholds: Mapping[str, float]
    gate: GateLimits

    def with_config(self, version: int, config: EdgeConfig) -> Self:
        """The setup with the hub's configuration in place of the node's own settings."""
        gate = replace(
            self.gate,
            heartbeat_day_s=config.heartbeat_day_s or self.gate.heartbeat_day_s,
            heartbeat_night_s=config.heartbeat_night_s or self.gate.heartbeat_night_s,
        )
        return replace(
            self,
            version=version,
            cameras=config.cameras or self.cameras,
            health_every_s=config.health_every_s or self.health_every_s,
            thresholds=config.thresholds,
            gate=gate,
        )

    def reported(self) -> dict[str, JsonValue]:
        """What the hub may see of it: all but the sources, which may hold passwords."""
        cameras: list[JsonValue] = [
            one.model_dump(mode="json", exclude={"source", "expected"}, exclude_none=True)
            for one in self.cameras
        ]
        return {
            "cameras": cameras,
            "thresholds": dict(self.thresholds),
            "heartbeat_day_s": self.gate.heartbeat_day_s,
            "heartbeat_night_s": self.gate.heartbeat_night_s,
            "health_every_s": self.health_every_s,
        }


def _reason(error: ValidationError) -> str:
    text = explained(error)
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
