import cv2
import numpy as np
import pytest

from wire import jpeg
from wire.jpeg import CutShort, NotJpeg
from wire.limits import MAX_SCANS

FRAME = b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00data"


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
        (b"\xff\xd8\xff\xd9", "before its first scan"),
        (b"\xff\xd8\xff\xff\xd9", "before its first scan"),
        (b"\xff\xd8\xff", "within its header"),
        (b"\xff\xd8" + FRAME + b"\xff\xd9", "before its first scan"),
        (made(FRAME, FRAME), "two frame headers"),
        (made(FRAME.replace(b"\x01\x01\x11", b"\x01\x02\x11")), "component 1"),
        (made(FRAME, b"\xff\xd8"), "another picture"),
        (b"\xff\xd8" + FRAME + b"\xff\xda\x00\x03\x01" + b"\xff\xd9", "scan header"),
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


def encoded(*options: int, shape: tuple[int, ...] = (96, 128, 3)) -> bytes:
    picture = np.random.default_rng(3).integers(0, 255, shape, np.uint8)
    done, data = cv2.imencode(".jpg", picture, [*options])
    assert done
    return data.tobytes()


def scans_of(data: bytes) -> list[int]:
    """Where each scan begins."""
    found, at = [], data.find(b"\xff\xda")
    while at >= 0:
        found.append(at)
        at = data.find(b"\xff\xda", at + 1)
    return found


def test_bytes_after_the_end_are_no_part_of_the_picture():
    data = encoded()
    header = jpeg.read_header(data + b"\xff\xd8\xff\xe1 a maker's block \xff\xd9")
    assert (header.width, header.height, header.end) == (128, 96, len(data))


def test_scans_are_counted_and_more_than_the_limit_are_refused():
    data = encoded(cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = data[scans_of(data)[-1] : -2]
    scans = jpeg.read_header(data).scans
    assert scans > 1
    most = data[:-2] + last * (MAX_SCANS - scans) + b"\xff\xd9"
    assert jpeg.read_header(most).scans == MAX_SCANS
    with pytest.raises(NotJpeg, match=f"more than {MAX_SCANS} scans"):
        jpeg.read_header(data[:-2] + last * (MAX_SCANS - scans + 1) + b"\xff\xd9")


def test_a_progressive_picture_without_its_last_scans_is_cut_short_even_with_an_end_marker():
    data = encoded(cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    for scan in scans_of(data)[1:]:
        with pytest.raises(CutShort):
            jpeg.read_header(data[:scan] + b"\xff\xd9")


def test_the_plain_form_has_no_metadata_and_the_same_pixels():
    data = encoded()
    comment = b"\xff\xfe\x00\x07hello"
    plain = jpeg.plain(data[:2] + comment + data[2:])
    assert b"hello" not in plain
    assert b"JFIF" not in plain
    before, after = (cv2.imdecode(np.frombuffer(each, np.uint8), 1) for each in (data, plain))
    assert np.array_equal(before, after)
