"""Places as the console reads them."""

from pydantic import BaseModel


class PlaceView(BaseModel):
    """WGS-84; `error_m` is the radius within which the place lies, null if that is unknown."""

    lon: float
    lat: float
    error_m: float | None
