"""The node's settings, from the environment and flags; built once in `__main__`, passed down."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from edge.ground import Calibrated, Site
from wire.topics import DEVICE_ID_PATTERN, DISTRICT_PATTERN

PREFIX = "PATROLHUB_EDGE_"

_Port = Annotated[int, Field(ge=1, le=65535)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]


class Settings(BaseModel):
    """Each field is the variable PATROLHUB_EDGE_<NAME>."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edge_id: Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
    district: Annotated[str, Field(pattern=DISTRICT_PATTERN)]
    mqtt_password: SecretStr
    cameras: Path
    data_dir: Path
    mqtt_host: str = "127.0.0.1"
    mqtt_port: _Port = 1883
    frames_mqtt_host: str | None = None
    frames_mqtt_port: _Port | None = None
    model_dir: Path = Path("models/street")
    precision: Annotated[str, Field(pattern="^(fp32|int8)$")] = "fp32"
    outbox_max_mb: Annotated[int, Field(ge=1)] = 512
    health_every_s: Annotated[float, Field(ge=0.1)] = 10.0

    def reported(self) -> dict[str, JsonValue]:
        """What the hub may know of them: everything but secrets and paths."""
        shown: dict[str, JsonValue] = json.loads(
            self.model_dump_json(exclude={"mqtt_password", "cameras", "data_dir", "model_dir"})
        )
        return shown


class CameraSettings(BaseModel):
    """One camera of the cameras file.

    `source` is `mqtt` or `folder:PATH`; `homography` holds points [u, v, lon, lat], u and v in
    fractions of the picture.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    camera_id: Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
    source: Annotated[str, Field(pattern=r"^(mqtt|folder:.+)$")]
    place: tuple[_Lon, _Lat]
    coverage_m: Annotated[float, Field(gt=0, le=1000)] = 40.0
    homography: tuple[tuple[_Share, _Share, _Lon, _Lat], ...] | None = None
    expected: JsonValue = None

    @property
    def folder(self) -> Path | None:
        """The folder to read frames from, or None where they come by MQTT."""
        kind, _, path = self.source.partition(":")
        return Path(path) if kind == "folder" else None

    def site(self) -> Site:
        """Where it stands and what it sees. Raises BadCalibration."""
        points = [Calibrated(*point) for point in self.homography or ()]
        return Site(*self.place, self.coverage_m, points)

    @model_validator(mode="after")
    def _calibration_holds(self) -> Self:
        self.site()
        return self


class UnknownVariable(ValueError):
    """A variable with our prefix that no setting reads: most likely a spelling mistake."""


class BadSettings(ValueError):
    """Settings that are missing or wrong; the text names each and says what it should be."""


def read_settings(environ: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """Settings from flags that were given, else from the environment.

    Raises UnknownVariable or BadSettings.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    present = {name for name in environ if name.upper().startswith(PREFIX)}
    if unknown := {name for name in present if name.upper() not in known}:
        raise UnknownVariable(
            f"unknown settings {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        variables = {name[len(PREFIX) :].lower(): environ[name] for name in present}
        return Settings.model_validate({**variables, **given})
    except ValidationError as error:
        raise BadSettings(_explained(error, PREFIX)) from None


def read_cameras(path: Path) -> tuple[CameraSettings, ...]:
    """The cameras of the file. Raises BadSettings."""
    try:
        text = path.read_text(encoding="utf-8")
        cameras = TypeAdapter(tuple[CameraSettings, ...]).validate_json(text)
    except OSError as error:
        raise BadSettings(f"cannot read the cameras file: {error}") from None
    except ValidationError as error:
        raise BadSettings(f"{path}: {_explained(error, '')}") from None
    ids = [camera.camera_id for camera in cameras]
    if not ids or len(set(ids)) < len(ids):
        raise BadSettings(f"{path}: it must name at least one camera, and each only once")
    return cameras


def _explained(error: ValidationError, prefix: str) -> str:
    return "; ".join(
        f"{prefix}{'.'.join(str(step) for step in fault['loc']).upper() if prefix else fault['loc']}"
        f": {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    )
