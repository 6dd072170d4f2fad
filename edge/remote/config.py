"""The configuration that the hub may wish for, and what the node works with because of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from edge.gate import GateLimits
from edge.settings import CameraSettings

_LONGEST_REASON = 500

_Seconds = Annotated[float, Field(ge=1, le=3600)]
_Threshold = Annotated[float, Field(gt=0, lt=1)]


class BadConfig(ValueError):
    """A configuration that this node cannot run; the text names the field and the reason."""


class EdgeConfig(BaseModel):
    """The `settings` of `config/desired`. What is left out stays as the node's own settings say.

    `cameras` replaces the cameras file; `thresholds` holds the score at which a class counts.
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
            ids = {camera.camera_id for camera in cameras}
            if not ids or len(ids) < len(cameras):
                raise ValueError("must name at least one camera, and each only once")
        return cameras


def read_config(
    settings: Mapping[str, JsonValue], classes: Collection[str] | None = None
) -> EdgeConfig:
    """Check what the hub wishes for, and that the model has these classes. Raises BadConfig."""
    try:
        config = EdgeConfig.model_validate(settings)
    except ValidationError as error:
        raise BadConfig(_explained(error)) from None
    if classes is not None and (unknown := config.thresholds.keys() - set(classes)):
        raise BadConfig(
            f"thresholds: the model has no class {', '.join(sorted(unknown))}; "
            f"it has {', '.join(sorted(classes))}"
        )
    return config


@dataclass(frozen=True)
class Setup:
    """What the node works with. Version 0 is what it was installed with."""

    version: int
    cameras: tuple[CameraSettings, ...]
    health_every_s: float
    thresholds: Mapping[str, float]
    gate: GateLimits

    def under(self, version: int, config: EdgeConfig) -> Self:
        """The setup with the hub's wishes in place of the node's own settings."""
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
        """What the hub may know of it: all but where frames come from, which may hold passwords."""
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


def _explained(error: ValidationError) -> str:
    text = "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_input=False)
    )
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
