"""What an edge node sees."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from wire.limits import MAX_SHOTS
from wire.messages.base import (
    Instant,
    Lat,
    Lon,
    Message,
    Metres,
    Ordinal,
    OrNewWord,
    Sha256,
    Slug,
    Uuid,
)
from wire.messages.status import LoadedModel


class DetectionType(StrEnum):
    """`new` once confirmed, `update` while seen, `end` when lost, `cleared` when seen repaired."""

    NEW = "new"
    UPDATE = "update"
    END = "end"
    CLEARED = "cleared"


class Box(Message):
    """In fractions of the picture: the top left corner, width and height, each 0..1."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]
    w: Annotated[float, Field(gt=0, le=1)]
    h: Annotated[float, Field(gt=0, le=1)]


class Ground(Message):
    """Where the foot of the box stands on the ground, WGS-84, with its error radius."""

    lon: Lon
    lat: Lat
    error_m: Metres


class ShotRole(StrEnum):
    """What a further picture of a fault shows: the `first` look at it, the `best`, or a near `crop`."""

    FIRST = "first"
    BEST = "best"
    CROP = "crop"


class Shot(Message):
    """A further picture of the same fault; the box lies in this picture."""

    role: OrNewWord[ShotRole]
    evidence: Sha256
    box: Box
    score: Annotated[float, Field(ge=0, le=1)]
    frame_at: Instant


class Detection(Message):
    """(detection_id, seq) is its identity; detection_id stays the same while the object is tracked.

    `class` is the model's class name, `hits` the number of frames that showed it. `evidence` is the
    frame that settled it, `shots` are further pictures.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, allow_inf_nan=False, populate_by_name=True
    )

    type: DetectionType
    detection_id: Uuid
    seq: Ordinal
    label: Annotated[Slug, Field(alias="class")]
    score: Annotated[float, Field(ge=0, le=1)]
    hits: Ordinal
    box: Box
    ground: Ground
    model: LoadedModel
    frame_at: Instant
    evidence: Sha256 | None = None
    shots: Annotated[tuple[Shot, ...], Field(max_length=MAX_SHOTS)] = ()
