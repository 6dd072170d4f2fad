"""The node's settings, from the environment and flags; built once by the command, passed down."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from edge.camera import CameraChannel
from edge.gate import Gate, GateLimits, phase_of
from edge.ground import CalibrationPoint, CameraSite
from edge.reach import AllowedHost
from edge.road import road_of
from edge.sources.address import Address, parse
from edge.sources.certificates import check_authorities
from edge.tile_scheduler import TileScheduler, TilingLimits, TilingMode
from edge.tiling import MOST_TILES
from edge.validation import Location, dotted, faults
from wire.topics import DEVICE_ID_PATTERN, DISTRICT_PATTERN

PREFIX = "PATROLHUB_EDGE_"

_SILENT_AFTER_S = 30.0

_Port = Annotated[int, Field(ge=1, le=65535)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Outline = Annotated[tuple[tuple[_Share, _Share], ...], Field(min_length=3)]
_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]


def _words(value: object) -> object:
    """A list that comes as text: words with commas between them."""
    if not isinstance(value, str):
        return value
    return tuple(word for word in (each.strip() for each in value.split(",")) if word)


def _known_hosts(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        AllowedHost.read(word)
    return words


_Hosts = Annotated[tuple[str, ...], BeforeValidator(_words), AfterValidator(_known_hosts)]


class EdgeSettings(BaseModel):
    """Each field is the variable PATROLHUB_EDGE_<NAME>."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edge_id: Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
    district: Annotated[str, Field(pattern=DISTRICT_PATTERN)]
    mqtt_password: SecretStr | None = None
    mqtt_password_file: Path | None = None
    cameras: Path
    data_dir: Path
    mqtt_host: str = "127.0.0.1"
    mqtt_port: _Port = 1883
    frames_mqtt_host: str | None = None
    frames_mqtt_port: _Port | None = None
    frames_mqtt_username: str | None = None
    camera_ca_file: Path | None = None
    camera_hosts: _Hosts = ()
    camera_folders: Annotated[tuple[Path, ...], BeforeValidator(_words)] = ()
    model_dir: Path = Path("models/street")
    precision: Annotated[str, Field(pattern="^(auto|fp32|int8)$")] = "auto"
    outbox_max_mb: Annotated[int, Field(ge=1)] = 512
    health_every_s: Annotated[float, Field(ge=0.1)] = 10.0
    hub_key: str | None = None
    model_key: str | None = None
    model_max_mb: Annotated[int, Field(ge=1, le=1024)] = 64
    model_file_urls: bool = False
    model_hosts: _Hosts = ()
    shadow_looks: Annotated[int, Field(ge=1, le=100_000)] = 200
    shadow_slowest: Annotated[float, Field(ge=1)] = 1.5

    @field_validator("model_key", "hub_key")
    @classmethod
    def _key_is_one(cls, key: str | None) -> str | None:
        if key is not None:
            from models.signing import read_public

            read_public(key)
        return key

    @field_validator("camera_ca_file")
    @classmethod
    def _authorities_are_some(cls, file: Path | None) -> Path | None:
        if file is not None:
            check_authorities(file)
        return file

    @model_validator(mode="after")
    def _password_is_given(self) -> Self:
        if (self.mqtt_password is None) == (self.mqtt_password_file is None):
            raise ValueError(
                f"{PREFIX}MQTT_PASSWORD and {PREFIX}MQTT_PASSWORD_FILE: set one of the two"
            )
        if self.mqtt_password_file is not None:
            _read_secret(self.mqtt_password_file)
        return self

    @property
    def password(self) -> str:
        """The node's password at the broker, as given or as its file has it now."""
        if self.mqtt_password is not None:
            return self.mqtt_password.get_secret_value()
        assert self.mqtt_password_file is not None
        return _read_secret(self.mqtt_password_file)

    def reported(self) -> dict[str, JsonValue]:
        """What the hub may see of them: everything but secrets and paths."""
        hidden = {
            "mqtt_password",
            "mqtt_password_file",
            "cameras",
            "data_dir",
            "model_dir",
            "camera_ca_file",
            "camera_folders",
        }
        shown: dict[str, JsonValue] = json.loads(self.model_dump_json(exclude=hidden))
        return shown


def _read_secret(path: Path) -> str:
    """Raises ValueError if the file cannot be read or is empty."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}") from None
    if not secret:
        raise ValueError(f"{path} is empty")
    return secret


class CameraSettings(BaseModel):
    """One camera of the cameras file.

    `source` is an address as `edge.sources.address` reads it. It may hold a password, so no text form
    of this object shows it. Unless `check_certificate` is false, an authority that the node trusts
    must have signed the certificate of a camera that encrypts. `every_s` is the least time between
    two frames. `homography` holds points [u, v, lon, lat], u and v in fractions of the picture.

    `road` is the outline [u, v] of the ground where tiles look for small faults; by default, what the
    homography shows within `coverage_m`, else the picture's lower part. `ignore` are outlines within
    which nothing is reported, such as a depot's yard; an object is where its foot is. `blur` are
    outlines of what no picture that leaves the node may show, such as windows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    camera_id: Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
    source: SecretStr
    check_certificate: bool = True
    every_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    place: tuple[_Lon, _Lat]
    coverage_m: Annotated[float, Field(gt=0, le=1000)] = 40.0
    homography: tuple[tuple[_Share, _Share, _Lon, _Lat], ...] | None = None
    road: _Outline | None = None
    tiles: TilingMode = TilingMode.ROTATE
    tiles_per_look: Annotated[int, Field(ge=1, le=MOST_TILES)] = 2
    ignore: tuple[_Outline, ...] = ()
    blur: tuple[_Outline, ...] = ()
    expected: JsonValue = None

    @property
    def address(self) -> Address:
        """The address that its frames come from."""
        return parse(self.source.get_secret_value())

    @property
    def silent_after_s(self) -> float:
        """After how long without a frame the camera counts as silent."""
        return max(_SILENT_AFTER_S, 3 * (self.every_s or 0.0))

    def site(self) -> CameraSite:
        """Its place on the ground and its calibration. Raises BadCalibration."""
        points = [CalibrationPoint(*point) for point in self.homography or ()]
        return CameraSite(*self.place, self.coverage_m, points)

    def camera(self, limits: GateLimits | None = None) -> CameraChannel:
        """The camera before its first frame, with these limits for its gate."""
        site = self.site()
        road = self.road or road_of(site)
        tile_scheduler = TileScheduler(TilingLimits(self.tiles, self.tiles_per_look))
        gate = Gate(limits, road, phase_of(self.camera_id))
        return CameraChannel(
            self.camera_id,
            site,
            self.silent_after_s,
            road=road,
            ignore=self.ignore,
            blur=self.blur,
            gate=gate,
            tile_scheduler=tile_scheduler,
        )

    @field_validator("source")
    @classmethod
    def _source_is_known(cls, source: SecretStr) -> SecretStr:
        parse(source.get_secret_value())
        return source

    @model_validator(mode="after")
    def _calibration_holds(self) -> Self:
        self.site()
        return self


class UnknownSetting(ValueError):
    """A variable has our prefix, but is no setting: most likely a spelling mistake."""


class BadSettings(ValueError):
    """Settings are missing or wrong; the text names each and says what it should be."""


def read_settings(environ: Mapping[str, str], flags: Mapping[str, object]) -> EdgeSettings:
    """Settings from the flags that were given, otherwise from the environment.

    Raises UnknownSetting or BadSettings.
    """
    known = {f"{PREFIX}{name.upper()}" for name in EdgeSettings.model_fields}
    present = {name for name in environ if name.upper().startswith(PREFIX)}
    if unknown := {name for name in present if name.upper() not in known}:
        raise UnknownSetting(
            f"unknown settings {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        variables = {name[len(PREFIX) :].lower(): environ[name] for name in present}
        return EdgeSettings.model_validate({**variables, **given})
    except ValidationError as error:
        raise BadSettings(_explained(error)) from None


def read_cameras(path: Path) -> tuple[CameraSettings, ...]:
    """The cameras of the file. Raises BadSettings with the camera and the reason."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"cannot read the cameras file: {error}") from None
    except ValueError as error:
        raise BadSettings(f"{path}: it is not JSON: {error}") from None
    try:
        return checked_cameras(listed)
    except BadSettings as error:
        raise BadSettings(f"{path}: {error}") from None


def checked_cameras(listed: JsonValue) -> tuple[CameraSettings, ...]:
    """The cameras that a list of JSON objects describes. Raises BadSettings."""
    try:
        cameras = TypeAdapter(tuple[CameraSettings, ...]).validate_python(listed)
    except ValidationError as error:
        raise BadSettings(_explained_by_camera(error, listed)) from None
    try:
        check_each_once(cameras)
    except ValueError as error:
        raise BadSettings(f"it {error}") from None
    return cameras


def check_each_once(cameras: Sequence[CameraSettings]) -> None:
    """Raises ValueError unless there is a camera, and none twice."""
    ids = {camera.camera_id for camera in cameras}
    if not ids or len(ids) < len(cameras):
        raise ValueError("must name at least one camera, and each only once")


def _explained_by_camera(error: ValidationError, listed: JsonValue) -> str:
    return "; ".join(
        f"{_place_in_file(location, listed)}{text}" for location, text in faults(error)
    )


def _place_in_file(location: Location, listed: JsonValue) -> str:
    """The camera's id, or its number if it has none, and the field."""
    if not location or not isinstance(listed, list):
        return ""
    index, *fields = location
    camera = listed[int(index)]
    name = camera.get("camera_id") if isinstance(camera, dict) else None
    shown = name if isinstance(name, str) else f"camera number {int(index) + 1}"
    return f"{shown}, {dotted(tuple(fields))}: " if fields else f"{shown}: "


def _explained(error: ValidationError) -> str:
    return "; ".join(
        f"{PREFIX}{dotted(location).upper()}: {text}" if location else text
        for location, text in faults(error)
    )
