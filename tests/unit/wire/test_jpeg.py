import cv2
import numpy as np
import pytest

from wire import jpeg
from wire.jpeg import NotJpeg

FRAME = b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x02data"


def made(*parts: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(parts) + SCAN + b"\xff\xd9"


@pytest.mark.parametrize("progressive", [0, 1])
@pytest.mark.parametrize("shape", [(1, 1, 3), (480, 640, 3), (600, 800), (17, 1003, 3)])
def test_the_size_is_the_one_that_a_decoder_sees(shape: tuple[int, ...], progressive: int):
    picture = np.random.default_rng(7).integers(0, 255, shape, np.uint8)
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_RST_INTERVAL, 2]
    done, data = cv2.imencode(".jpg", picture, options)
    assert done
    assert jpeg.size(data.tobytes()) == (shape[1], shape[0])


def test_segments_before_the_frame_are_passed_over_even_if_they_hold_a_thumbnail():
    thumbnail = made(FRAME.replace(b"\x00\x20", b"\x00\x08"))
    exif = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    assert jpeg.size(made(exif, FRAME)) == (32, 16)


def test_fill_bytes_before_a_marker_are_passed_over():
    assert jpeg.size(made(b"\xff\xff\xff" + FRAME)) == (32, 16)


def test_a_marker_without_length_is_passed_over():
    assert jpeg.size(made(b"\xff\x01", FRAME)) == (32, 16)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "SOI"),
        (b"\x89PNG\r\n\x1a\n", "SOI"),
        (made(FRAME)[:-2], "cut short"),
        (made(FRAME) + b"\0", "cut short"),
        (b"\xff\xd8\xff\xd9", "impossible length"),
        (b"\xff\xd8\xff\xff\xd9", "impossible length"),
        (made(b"\xff\xe0\x00\x01"), "impossible length"),
        (made(b"\xff\xe0\xff\xff"), "impossible length"),
        (made(b"junk", FRAME), "no marker"),
        (made(), "no frame header"),
        (made(FRAME.replace(b"\xff\xc0", b"\xff\xc3")), "SOF3"),
        (made(FRAME.replace(b"\xff\xc0", b"\xff\xc9")), "SOF9"),
        (made(b"\xff\xc0\x00\x04\x08\x00"), "too short"),
        (made(FRAME.replace(b"\x00\x10", b"\x00\x00")), "32 x 0"),
    ],
)
def test_what_is_no_usable_jpeg_is_refused_with_its_reason(data: bytes, reason: str):
    with pytest.raises(NotJpeg, match=reason):
        jpeg.size(data)
