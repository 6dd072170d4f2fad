"""The hub's settings, from the environment; built once in `__main__` and passed down."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from wire.topics import DISTRICT_PATTERN

PREFIX = "PATROLHUB_"
OTHER_PARTS = tuple(f"{PREFIX}{part}_" for part in ("EDGE", "SIM", "TEST", "DEV"))
"""Variables that edge nodes, the simulator, the tests and the console's developers read."""
PHOTO_FOLDERS = frozenset({f"{PREFIX}DATA", f"{PREFIX}STREET_PHOTOS"})
"""Variables that training reads."""

_HttpUrl = Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]


class Settings(BaseSettings):
    """Each field is the variable PATROLHUB_<NAME>; docs/configuration.md describes them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: SecretStr
    district: Annotated[str, Field(pattern=DISTRICT_PATTERN)]
    evidence_url: str
    mqtt_host: str = "127.0.0.1"
    mqtt_port: Annotated[int, Field(ge=1, le=65535)] = 1883
    mqtt_username: str = "hub"
    mqtt_password: SecretStr | None = None
    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str | None = None
    console_dir: Path | None = None
    model_dir: Path = Path("models/street")
    ice_servers: tuple[str, ...] = ()
    ice_loopback: bool = False
    mediamtx_url: _HttpUrl | None = None
    mediamtx_api_url: _HttpUrl | None = None
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    off_post_min: Annotated[int, Field(ge=0, le=1440)] = 15
    telemetry_days: Annotated[int, Field(ge=2, le=36500)] = 90
    timezone: str = "Asia/Shanghai"
    secure_cookies: bool = False

    @property
    def base_url(self) -> str:
        """Where devices and browsers reach the api."""
        return self.public_url or f"http://{self.api_host}:{self.api_port}"

    @model_validator(mode="after")
    def _mediamtx_is_whole(self) -> Self:
        if (self.mediamtx_url is None) != (self.mediamtx_api_url is None):
            raise ValueError(
                f"{PREFIX}MEDIAMTX_URL and {PREFIX}MEDIAMTX_API_URL go together: set both or neither"
            )
        return self


class UnknownVariable(ValueError):
    """A variable with our prefix that no setting reads: most likely a spelling mistake."""


def read_settings(environ: dict[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises UnknownVariable, or pydantic's ValidationError."""
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    present = {name.upper() for name in (environ or os.environ) if name.upper().startswith(PREFIX)}
    of_other_parts = {name for name in present if name.startswith(OTHER_PARTS)}
    if unknown := present - names - of_other_parts - PHOTO_FOLDERS:
        raise UnknownVariable(
            f"unknown settings {', '.join(sorted(unknown))}; known are {', '.join(sorted(names))}"
        )
    return Settings()
