"""JPEG bytes to pixels, refused by their header before anything is decoded."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import NotAPicture, PictureFault

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN = 0xDA
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_SMALLEST_FRAME_HEADER = 7


@dataclass(frozen=True)
class JpegHeader:
    """Size in pixels as the file states it, and where its first scan begins."""

    width: int
    height: int
    scan_at: int


def read_jpeg_header(data: bytes) -> JpegHeader:
    """Walk the segments up to the first scan; raises NotAPicture."""
    if not data:
        raise NotAPicture(PictureFault.EMPTY, "no bytes")
    if not data.startswith(_START):
        raise NotAPicture(PictureFault.NOT_JPEG, f"begins with {data[:4].hex()}")
    size: tuple[int, int] | None = None
    at = 2
    while True:
        marker, at = _next_marker(data, at)
        if marker in _BARE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise NotAPicture(PictureFault.TRUNCATED, f"segment {marker:#04x} ends after the file")
        if marker in _FRAME_HEADERS and length >= _SMALLEST_FRAME_HEADER:
            height, width = (int.from_bytes(data[at + k : at + k + 2], "big") for k in (3, 5))
            size = (width, height)
        if marker == _SCAN:
            break
        at += length
    if size is None or 0 in size:
        raise NotAPicture(PictureFault.NOT_JPEG, "no size before the first scan")
    return JpegHeader(size[0], size[1], at)


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker at this offset and the offset after it; fill bytes are skipped."""
    start = at
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at >= len(data):
        raise NotAPicture(PictureFault.TRUNCATED, "the file ends in its header")
    if at == start:
        raise NotAPicture(PictureFault.NOT_JPEG, f"no marker at byte {start}")
    return data[at], at + 1


def decode_jpeg(data: bytes, *, max_pixels: int = 20_000_000) -> NDArray[np.uint8]:
    """Decode to H x W x 3 BGR, upright; raises NotAPicture.

    The size is read from the header first, so that a small file cannot ask for much memory.
    """
    header = read_jpeg_header(data)
    if header.width * header.height > max_pixels:
        raise NotAPicture(
            PictureFault.TOO_LARGE, f"{header.width} x {header.height} pixels, {max_pixels} at most"
        )
    if data.rfind(_END) < header.scan_at:
        raise NotAPicture(PictureFault.TRUNCATED, "no end marker after the first scan")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise NotAPicture(
            PictureFault.UNDECODABLE, f"{header.width} x {header.height} pixels, broken inside"
        )
    return np.asarray(image, np.uint8)
