from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import NotAPicture, PictureFault, decode_jpeg
from models.pictures import read_jpeg_header


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
    header = read_jpeg_header(jpeg(123, 45))
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
    monkeypatch.setattr(cv2, "imdecode", decoded)
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
