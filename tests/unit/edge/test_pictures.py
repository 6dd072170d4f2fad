from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.gate import HEIGHT, WIDTH
from edge.picture import BadPicture, picture, thumbnail
from scenes import encode_jpeg

PICTURES = Path(__file__).parents[2] / "pictures"


def shades(width: int, height: int) -> np.ndarray:
    across = np.linspace(0, 255, width).astype(np.uint8)
    return np.repeat(np.repeat(across[None, :, None], height, axis=0), 3, axis=2)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (640, 360), (320, 240), (704, 576)])
def test_a_thumbnail_has_the_gates_size_whatever_the_pictures(size: tuple[int, int]) -> None:
    small = thumbnail(encode_jpeg(shades(*size)))
    assert small.shape == (HEIGHT, WIDTH)
    expected = cv2.resize(shades(*size)[..., 0], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 3


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[at + 9 :]


GOOD = encode_jpeg(shades(640, 360))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"not a picture at all",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        GOOD[:200],
        GOOD[: len(GOOD) // 2],
        b"\xff\xd8\xff\xe0" + bytes(50_000) + b"\xff\xd9",
        with_size(GOOD, 60_000, 60_000),
        with_size(GOOD, 0, 0),
        with_size(GOOD, 8, 8),
    ],
)
def test_bytes_that_are_no_usable_picture_are_refused_with_a_reason(data: bytes) -> None:
    for read in (thumbnail, picture):
        with pytest.raises(BadPicture) as refused:
            read(data)
        assert refused.value.reason


def test_damage_anywhere_is_refused_or_survived() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        damaged = bytearray(GOOD)
        for at in rng.integers(0, len(damaged), 8):
            damaged[at] = rng.integers(0, 256)
        for read in (thumbnail, picture):
            with suppress(BadPicture):
                assert read(bytes(damaged)).size


def test_half_a_picture_with_an_end_marker_is_refused_by_gate_and_detector_alike(capfd) -> None:
    half = (PICTURES / "cut_half_with_eoi.jpg").read_bytes()
    for read in (thumbnail, picture):
        with pytest.raises(BadPicture, match="before its last row"):
            read(half)
    assert capfd.readouterr() == ("", "")


def test_a_makers_block_after_the_end_is_ignored() -> None:
    whole = (PICTURES / "whole_with_maker_block.jpg").read_bytes()
    assert thumbnail(whole).shape == (HEIGHT, WIDTH)
    assert picture(whole).shape == (180, 320, 3)


def test_a_picture_of_many_scans_is_refused_before_it_is_decoded() -> None:
    _, data = cv2.imencode(".jpg", shades(640, 360), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    whole = data.tobytes()
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    for read in (thumbnail, picture):
        with pytest.raises(BadPicture, match="scans"):
            read(whole[:-2] + scan * 300 + b"\xff\xd9")
