"""Desired and reported state of devices: configuration and models."""

from typing import Annotated

from pydantic import Field, JsonValue

from wire.messages.base import Message, Sha256, Text


class DeviceConfig(Message):
    """Retained, both ways. The device reports the version it runs and why it refused another."""

    version: Annotated[int, Field(ge=0)]
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    error: Text | None = None


class DesiredModel(Message):
    """Retained. The model that an edge node should run; the signature covers the hash."""

    version: Annotated[int, Field(ge=0)]
    name: Text
    model_version: Text
    url: Text
    sha256: Sha256
    signature: Text


class ReportedModel(Message):
    """Retained. The model that an edge node runs, and why it refused the desired one, if it did."""

    version: Annotated[int, Field(ge=0)]
    name: Text
    model_version: Text
    sha256: Sha256
    error: Text | None = None
