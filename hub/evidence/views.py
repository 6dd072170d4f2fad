"""Photos that were named and have not come, as the API shows them."""

from datetime import datetime

from pydantic import BaseModel


class PhotoRefusal(BaseModel):
    """Why and when the hub refused a photo."""

    reason: str
    at: datetime


class MissingPhoto(BaseModel):
    """A photo that a device names and that has not come; with its refusal, if it was refused."""

    sha256: str
    refusal: PhotoRefusal | None
