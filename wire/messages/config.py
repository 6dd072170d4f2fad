"""Desired and reported state of devices: configuration and models."""

from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from wire.messages.base import Count, Message, Sha256, Text


def _storable(value: JsonValue) -> JsonValue:
    """Refuse what a database cannot hold: NUL in a text, and numbers that are not finite."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain the NUL character")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("must hold only finite numbers")
    if isinstance(value, dict):
        for key, item in value.items():
            _storable(key)
            _storable(item)
    if isinstance(value, list):
        for item in value:
            _storable(item)
    return value


Settings = Annotated[dict[str, JsonValue], AfterValidator(_storable)]


class DeviceConfig(Message):
    """Retained, both ways. The device reports the version it runs and why it refused another."""

    version: Count
    settings: Settings = Field(default_factory=dict)
    error: Text | None = None


class DesiredModel(Message):
    """Retained. The model that an edge node should run; the signature covers the hash."""

    version: Count
    name: Text
    model_version: Text
    url: Text
    sha256: Sha256
    signature: Text


class ReportedModel(Message):
    """Retained. The model that an edge node runs, and why it refused the desired one, if it did."""

    version: Count
    name: Text
    model_version: Text
    sha256: Sha256
    error: Text | None = None
