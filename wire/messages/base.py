"""What all messages share: strictness, ids, instants, places."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wire.crs import gcj02_to_wgs84
from wire.instants import DaySchema, InstantSchema
from wire.limits import MAX_INTEGER, MAX_TEXT
from wire.topics import DEVICE_ID_PATTERN, SHA256_PATTERN, UUID_PATTERN

DeviceIdText = Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN)]
Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
BootId = Annotated[str, Field(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9-]+$")]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Instant = Annotated[datetime, InstantSchema]
Day = Annotated[date, DaySchema]
ContractVersion = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?$")]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Ordinal = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]
NewWord = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
_Known = TypeVar("_Known", bound=StrEnum)
OrNewWord = Annotated[_Known | NewWord, Field(union_mode="left_to_right")]
"""A known word, or one that only newer devices know: that is kept as text and otherwise ignored."""
Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class Message(BaseModel):
    """Unknown fields are ignored, so that newer devices can talk to an older hub."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Crs(StrEnum):
    """The coordinate system of a position; GCJ-02 is the Chinese map datum."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class Place(Message):
    """A position with its error radius in metres."""

    lon: Lon
    lat: Lat
    accuracy_m: Metres = 30.0
    crs: Crs = Crs.WGS84

    def wgs84(self) -> tuple[float, float]:
        """Degrees lon, lat in WGS-84."""
        if self.crs is Crs.GCJ02:
            return gcj02_to_wgs84(self.lon, self.lat)
        return self.lon, self.lat


class Span(Message):
    """Base of messages that are only valid for a time."""

    issued_at: Instant
    expires_at: Instant

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.expires_at <= self.issued_at:
            raise ValueError("expires_at must be later than issued_at")
        return self
