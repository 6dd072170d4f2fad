"""The district and its units, as the API shows them."""

from typing import Literal, TypeAlias

from pydantic import BaseModel

LonLat: TypeAlias = tuple[float, float]
Bounds: TypeAlias = tuple[float, float, float, float]


class DistrictView(BaseModel):
    """`bounds` are west, south, east, north; WGS-84."""

    code: str
    name_zh: str
    name_en: str
    center: LonLat
    bounds: Bounds
    timezone: str


class UnitView(BaseModel):
    unit_key: str
    kind: Literal["department", "territory"]
    level: Literal["district", "township", "village"] | None
    name_zh: str
    name_en: str
    parent: str | None


class UnitList(BaseModel):
    items: list[UnitView]
