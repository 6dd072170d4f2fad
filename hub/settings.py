"""The hub's settings: read once from the environment by the command line, then passed down."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    model_validator,
)

from wire.topics import DISTRICT_PATTERN

PREFIX = "PATROLHUB_"
OTHER_PARTS = tuple(f"{PREFIX}{part}_" for part in ("EDGE", "SIM", "TEST", "DEV"))
"""Variables of edge nodes, the simulator, the tests and the console's development server."""
TRAINING_VARIABLES = frozenset({f"{PREFIX}DATA", f"{PREFIX}STREET_PHOTOS"})
"""Variables of model training."""

_HttpUrl = Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]


class IceServer(BaseModel):
    """A STUN or TURN server, with the login that clients use there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, Field(pattern=r"^(stuns?|turns?):[^\s<>\"]+$")]
    username: str | None = None
    credential: SecretStr | None = None


def _from_json(value: object) -> object:
    """Parse a list that comes as text. Raises ValueError if it is not JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _ice_servers(value: object) -> object:
    """A list of servers, each as an address or as an object."""
    listed = _from_json(value)
    if not isinstance(listed, list | tuple):
        return listed
    return [{"url": each} if isinstance(each, str) else each for each in listed]


class Settings(BaseModel):
    """Each field is the variable PATROLHUB_<NAME>; docs/configuration.md describes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: SecretStr
    district: Annotated[str, Field(pattern=DISTRICT_PATTERN)]
    evidence_url: str
    mqtt_host: str = "127.0.0.1"
    mqtt_port: Annotated[int, Field(ge=1, le=65535)] = 1883
    mqtt_username: str = "hub"
    mqtt_password: SecretStr | None = None
    mqtt_share_group: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "ingest"
    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str | None = None
    console_dir: Path | None = None
    model_dir: Path = Path("models/street")
    ice_servers: Annotated[tuple[IceServer, ...], BeforeValidator(_ice_servers)] = ()
    ice_networks: Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_from_json)] = ()
    ice_loopback: bool = False
    mediamtx_url: _HttpUrl | None = None
    mediamtx_api_url: _HttpUrl | None = None
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    font_file: Path | None = None
    off_post_min: Annotated[int, Field(ge=0, le=1440)] = 15
    unlinked_photos: Annotated[int, Field(ge=1, le=10_000)] = 100
    telemetry_days: Annotated[int, Field(ge=2, le=36500)] = 90
    refused_days: Annotated[int, Field(ge=1, le=36500)] = 30
    refused_day_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    photo_wait_s: Annotated[float, Field(ge=0, le=86400)] = 120.0
    satisfaction_of: Literal["answered", "called_back", "closed"] = "answered"
    audit_days: Annotated[int, Field(ge=180, le=36500)] = 365
    secure_cookies: bool = False
    database_owner_url: SecretStr | None = None
    desired_key_file: Path | None = None
    journal_key_file: Path | None = None
    journal_anchor_file: Path | None = None
    journal_syslog: bool = False
    session_idle_min: Annotated[int, Field(ge=0, le=720)] = 120
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_from_json)] = ()

    @property
    def session_idle(self) -> timedelta | None:
        """After how long without use a session ends; None: only at its time."""
        return timedelta(minutes=self.session_idle_min) if self.session_idle_min else None

    @property
    def base_url(self) -> str:
        """The URL by which devices and browsers reach the api."""
        return self.public_url or f"http://{self.api_host}:{self.api_port}"

    @model_validator(mode="after")
    def _anchors_need_a_key(self) -> Self:
        if (self.journal_key_file is None) != (self.journal_anchor_file is None):
            raise ValueError(
                f"{PREFIX}JOURNAL_KEY_FILE and {PREFIX}JOURNAL_ANCHOR_FILE go together: "
                "set both or neither"
            )
        return self

    @model_validator(mode="after")
    def _mediamtx_urls_go_together(self) -> Self:
        if (self.mediamtx_url is None) != (self.mediamtx_api_url is None):
            raise ValueError(
                f"{PREFIX}MEDIAMTX_URL and {PREFIX}MEDIAMTX_API_URL go together: set both or neither"
            )
        return self


class UnknownVariable(ValueError):
    """A variable with our prefix that is no setting, most likely a spelling mistake."""


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ`, by default the process's environment.

    Raises UnknownVariable, or pydantic's ValidationError.
    """
    given = os.environ if environ is None else environ
    present = {name.upper(): value for name, value in given.items()}
    present = {name: value for name, value in present.items() if name.startswith(PREFIX)}
    known = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    others = {name for name in present if name.startswith(OTHER_PARTS)} | TRAINING_VARIABLES
    if unknown := present.keys() - known.keys() - others:
        raise UnknownVariable(
            f"unknown settings {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    return Settings.model_validate(
        {known[name]: value for name, value in present.items() if name in known}
    )
