"""Smaller versions of photos, for lists and pages. Pure."""

import cv2

from models import decode_jpeg
from models.pictures import read_header, upright_size

KEPT_WIDTHS = (160, 320, 640, 1280, 1920)
"""A smaller photo is made in one of these widths, and kept."""
_QUALITY = 82


def kept_width(width: int) -> int | None:
    """The least kept width that is not under this one; None stands for the photo itself."""
    return next((each for each in KEPT_WIDTHS if each >= width), None)


def scaled_down(data: bytes, width: int) -> bytes:
    """The JPEG at most `width` pixels wide; itself if it is not wider. Blocking. Raises NotAPicture."""
    if upright_size(read_header(data))[0] <= width:
        return data
    image = decode_jpeg(data, least_width=width)
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes() if done else data
