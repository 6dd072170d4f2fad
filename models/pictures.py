"""JPEG bytes to pixels: the one place that decodes, and so the one definition of a whole picture.

A picture is whole if its markers are (`wire.jpeg`) and the decoder finds the data of every row. OpenCV's
decoder fills missing rows with grey and warns on stderr only, so it isn't used for what comes from outside.
"""

import re
import struct
from typing import Literal

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from models.errors import NotAPicture, PictureFault
from wire import jpeg
from wire.limits import MAX_JPEG_PIXELS

Colours = Literal["BGR", "GRAY"]

_CUT_SHORT = re.compile("premature end|instead of RST", re.IGNORECASE)
_HARMLESS = re.compile("JFIF revision|ICC marker|Invalid SOS parameters")
"""What the decoder warns of though every pixel is there."""
_TRAILING = re.compile("extraneous bytes before marker 0xd9")
"""Padding between the last row and the end marker."""
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_ORIENTATION, _SHORT = 0x0112, 3
_TURNED: dict[int, tuple[int | None, int | None]] = {
    2: (None, 1),
    3: (cv2.ROTATE_180, None),
    4: (None, 0),
    5: (cv2.ROTATE_90_CLOCKWISE, 1),
    6: (cv2.ROTATE_90_CLOCKWISE, None),
    7: (cv2.ROTATE_90_COUNTERCLOCKWISE, 1),
    8: (cv2.ROTATE_90_COUNTERCLOCKWISE, None),
}
"""How a picture is turned and then mirrored to be upright, by its EXIF orientation."""
_ON_ITS_SIDE = 5
"""From this orientation on, width and height change places."""


def read_header(data: bytes, *, max_pixels: int = MAX_JPEG_PIXELS) -> jpeg.JpegHeader:
    """Read the header and check it, so that a small file can't ask for much; raises NotAPicture."""
    if not data:
        raise NotAPicture(PictureFault.EMPTY, "has no bytes")
    try:
        header = jpeg.read_header(data)
    except jpeg.CutShort as error:
        raise NotAPicture(PictureFault.TRUNCATED, str(error)) from None
    except jpeg.NotJpeg as error:
        raise NotAPicture(PictureFault.NOT_JPEG, str(error)) from None
    if header.width * header.height > max_pixels:
        raise NotAPicture(
            PictureFault.TOO_LARGE,
            f"has {header.width} x {header.height} pixels, at most {max_pixels} are taken",
        )
    return header


def decode_jpeg(
    data: bytes, *, max_pixels: int = MAX_JPEG_PIXELS, least_width: int = 0
) -> NDArray[np.uint8]:
    """Decode to H x W x 3 BGR, upright; raises NotAPicture if it isn't whole.

    With `least_width`, it is decoded as small as is cheap, but not narrower than that.
    """
    header = read_header(data, max_pixels=max_pixels)
    orientation = orientation_of(header.exif)
    on_its_side = orientation >= _ON_ITS_SIDE
    smallest = (0, least_width) if on_its_side else (least_width, 0)
    return _upright(_decoded(data, "BGR", smallest), orientation)


def upright_size(header: jpeg.JpegHeader) -> tuple[int, int]:
    """Width and height as a picture is shown, which its EXIF block may change."""
    if orientation_of(header.exif) >= _ON_ITS_SIDE:
        return header.height, header.width
    return header.width, header.height


def decode_grey(data: bytes, least_width: int, least_height: int) -> NDArray[np.uint8]:
    """Decode to H x W grey, as the file has it, as small as is cheap but not under these sides.

    Raises NotAPicture if it isn't whole: all of its data is read whatever the size.
    """
    read_header(data)
    return _decoded(data, "GRAY", (least_width, least_height))[:, :, 0]


def orientation_of(exif: bytes) -> int:
    """The orientation 1 to 8 that an EXIF block states; 1 if it states none."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 10:
        return 1
    (at,) = struct.unpack_from(f"{order}I", exif, 4)
    if at + 2 > len(exif):
        return 1
    (entries,) = struct.unpack_from(f"{order}H", exif, at)
    for entry in range(at + 2, min(at + 2 + 12 * entries, len(exif) - 11), 12):
        tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
        if (tag, kind) == (_ORIENTATION, _SHORT):
            (value,) = struct.unpack_from(f"{order}H", exif, entry + 8)
            return value if 1 <= value <= 8 else 1
    return 1


def _upright(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    turn, mirror = _TURNED.get(orientation, (None, None))
    if turn is not None:
        image = np.asarray(cv2.rotate(image, turn), np.uint8)
    if mirror is not None:
        image = np.asarray(cv2.flip(image, mirror), np.uint8)
    return image


def _decoded(data: bytes, colours: Colours, smallest: tuple[int, int]) -> NDArray[np.uint8]:
    """H x W x channels. Without a smallest width and height, it has its full size."""
    try:
        return _decode(data, colours, smallest, strict=True)
    except ValueError as error:
        reason = str(error)
    if _HARMLESS.search(reason):
        data = jpeg.plain(data)
        try:
            return _decode(data, colours, smallest, strict=True)
        except ValueError as error:
            reason = str(error)
    if _TRAILING.search(reason) and not _RESTART.search(data):
        return _decode(data, colours, smallest, strict=False)
    if _CUT_SHORT.search(reason):
        raise NotAPicture(PictureFault.TRUNCATED, "ends before its last row; cut short?")
    raise NotAPicture(PictureFault.UNDECODABLE, f"is broken inside: {reason}")


def _decode(
    data: bytes, colours: Colours, smallest: tuple[int, int], *, strict: bool
) -> NDArray[np.uint8]:
    width, height = smallest
    decoded = simplejpeg.decode_jpeg(
        data, colours, min_width=width, min_height=height, min_factor=1, strict=strict
    )
    return np.asarray(decoded, np.uint8)
