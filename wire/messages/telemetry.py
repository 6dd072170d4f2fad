"""Positions and vitals of terminals."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from wire.limits import MAX_SAMPLES
from wire.measured import MeasuredSchema
from wire.messages.base import BootId, Count, Crs, Instant, Lat, Lon, Message, Metres


class Sample(Message):
    """One fix. (terminal, boot_id, seq) is its identity; speed in m/s, heading in degrees from
    north, battery in percent, signal in dBm. A speed, battery or signal that is unknown is null.
    """

    boot_id: BootId
    seq: Count
    observed_at: Instant
    lon: Lon
    lat: Lat
    accuracy_m: Metres = 30.0
    speed: Annotated[float | None, MeasuredSchema(0, 150, (255,))] = None
    heading: Annotated[float, Field(ge=0, lt=360)] | None = None
    battery: Annotated[float | None, MeasuredSchema(0, 100, (255,))] = None
    signal: Annotated[float | None, MeasuredSchema(-200, 0, (99, 255))] = None
    network: Annotated[str, Field(max_length=16, pattern=r"^[^\x00]*$")] | None = None
    crs: Crs = Crs.WGS84


Samples = Annotated[list[Sample], Field(min_length=1, max_length=MAX_SAMPLES)]
SAMPLES: TypeAdapter[list[Sample]] = TypeAdapter(Samples)
