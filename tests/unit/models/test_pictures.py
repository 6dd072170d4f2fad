from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st

from models import NotAPicture, PictureFault, decode_grey, decode_jpeg
from models.pictures import orientation_of, read_header

PICTURES = Path(__file__).parents[2] / "pictures"


def jpeg(width: int = 64, height: int = 48, *extra: int) -> bytes:
    image = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80, *extra])
    assert ok
    return data.tobytes()


def refused(data: bytes, **limits: int) -> PictureFault:
    with pytest.raises(NotAPicture) as caught:
        decode_jpeg(data, **limits)
    return caught.value.reason


def with_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[at + 4 :]


def test_a_jpeg_becomes_a_picture():
    image = decode_jpeg(jpeg(64, 48))
    assert image.shape == (48, 64, 3)
    assert image.dtype == np.uint8


def test_a_progressive_jpeg_is_read_too():
    assert decode_jpeg(jpeg(64, 48, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)).shape == (48, 64, 3)


def test_the_size_is_read_from_the_header():
    header = read_header(jpeg(123, 45))
    assert (header.width, header.height) == (123, 45)


def test_no_bytes_are_no_picture():
    assert refused(b"") is PictureFault.EMPTY


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(40), b"GIF89a" + bytes(40), b"hello"]
)
def test_other_files_are_not_taken(data):
    assert refused(data) is PictureFault.NOT_JPEG


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(share):
    data = jpeg(200, 200)
    assert refused(data[: int(len(data) * share)]) is PictureFault.TRUNCATED


def test_a_picture_over_the_limit_is_refused():
    assert refused(jpeg(64, 48), max_pixels=64 * 48 - 1) is PictureFault.TOO_LARGE
    assert decode_jpeg(jpeg(64, 48), max_pixels=64 * 48).shape == (48, 64, 3)


def test_a_small_file_that_claims_a_huge_picture_is_refused_before_decoding(monkeypatch):
    def decoded(*_: object) -> None:
        raise AssertionError("the decoder was reached")

    bomb = with_size(jpeg(), 65_000, 65_000)
    monkeypatch.setattr(simplejpeg, "decode_jpeg", decoded)
    assert refused(bomb) is PictureFault.TOO_LARGE


def test_a_preview_inside_the_header_does_not_hide_that_the_end_is_missing():
    whole, preview = jpeg(), jpeg(16, 16)
    segment = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    cut = whole[:2] + segment + whole[2:-40]
    assert refused(cut) is PictureFault.TRUNCATED


@given(st.binary(max_size=300))
def test_any_bytes_are_either_refused_or_decoded(data):
    with suppress(NotAPicture):
        assert decode_jpeg(b"\xff\xd8" + data).ndim == 3


def scan_of(data: bytes) -> int:
    """Where the data of the only scan begins."""
    at = data.index(b"\xff\xda")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def test_half_a_picture_with_an_end_marker_is_cut_short_and_nothing_is_said_on_stderr(capfd):
    half = (PICTURES / "cut_half_with_eoi.jpg").read_bytes()
    assert refused(half) is PictureFault.TRUNCATED
    with pytest.raises(NotAPicture, match="before its last row"):
        decode_grey(half, 160, 90)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
@pytest.mark.parametrize(
    "options", [(), (cv2.IMWRITE_JPEG_RST_INTERVAL, 2), (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)]
)
def test_rows_that_are_missing_before_the_end_marker_are_noticed(share, options):
    data = jpeg(200, 200, *options)
    start = scan_of(data)
    cut = data[: start + int((len(data) - start) * share)].rstrip(b"\xff") + b"\xff\xd9"
    assert refused(cut) is PictureFault.TRUNCATED


def test_a_lost_piece_in_the_middle_is_noticed():
    data = jpeg(200, 200, cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
    first, later = data.index(b"\xff\xd1"), data.index(b"\xff\xd4")
    assert refused(data[:first] + data[later:]) is PictureFault.TRUNCATED


@pytest.mark.parametrize("tail", [b"\0", b"maker's block", b"\xff\xd8\xff\xe1more", bytes(5000)])
def test_what_follows_the_end_marker_is_ignored(tail):
    data = jpeg()
    assert np.array_equal(decode_jpeg(data + tail), decode_jpeg(data))


def test_a_whole_picture_with_a_makers_block_is_taken():
    data = (PICTURES / "whole_with_maker_block.jpg").read_bytes()
    assert decode_jpeg(data).shape == (180, 320, 3)


def test_oddities_that_cost_no_pixel_are_taken():
    data, segment = jpeg(), b"\xff\xe2\x00\x13ICC_PROFILE\0\x02\x03abc"
    scan = scan_of(data)
    version = data.index(b"JFIF") + 5
    odd = [
        data[:2] + segment + data[2:],
        data[:version] + b"\x09" + data[version + 1 :],
        data[: scan - 3] + b"\0\0\0" + data[scan:],
        data[:-2] + bytes(7) + data[-2:],
        data[:-2] + b"\xff\0" * 10 + data[-2:],
    ]
    for each in odd:
        assert np.array_equal(decode_jpeg(each), decode_jpeg(data))


def test_a_reduced_picture_has_the_least_width_asked_for():
    assert decode_jpeg(jpeg(640, 400), least_width=150).shape == (100, 160, 3)
    assert decode_grey(jpeg(640, 400), 160, 90).shape == (100, 160)


def with_orientation(data: bytes, orientation: int, order: str) -> bytes:
    big = order == "big"
    tiff = (b"MM\0*" if big else b"II*\0") + (8).to_bytes(4, order) + (1).to_bytes(2, order)
    entry = (0x0112).to_bytes(2, order) + (3).to_bytes(2, order) + (1).to_bytes(4, order)
    exif = b"Exif\0\0" + tiff + entry + orientation.to_bytes(2, order) + bytes(6)
    return data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_is_turned_upright_as_opencv_does(orientation, order):
    data = with_orientation(jpeg(64, 48), orientation, order)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decode_jpeg(data), expected)
    assert decode_jpeg(data, least_width=16).shape[:2] in {(12, 16), (22, 16), (24, 18)}


@given(st.binary(max_size=60))
def test_any_exif_has_an_orientation(exif):
    assert 1 <= orientation_of(exif) <= 8
