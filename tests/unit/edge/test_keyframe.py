import random
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from edge.picture import BadPicture
from edge.sources.keyframe import KeyFrame


def encoded(width: int = 640, height: int = 360, codec: str = "libx264") -> bytes:
    """A key frame of a picture that is bright on its left half."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = 1, Fraction(1)
    encoder.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = 200
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@pytest.mark.parametrize(("codec", "encoder"), [("h264", "libx264"), ("hevc", "libx265")])
def test_a_key_frame_is_a_picture_a_thumbnail_and_a_jpeg(codec: str, encoder: str) -> None:
    still = KeyFrame(codec, None, encoded(codec=encoder))
    picture, small = still.picture(), still.thumbnail()
    assert (picture.shape, small.shape) == ((360, 640, 3), (90, 160))
    for shown in (picture, small):
        left, right = np.hsplit(shown, 2)
        assert left.mean() > 180
        assert right.mean() < 20
    again = cv2.imdecode(np.frombuffer(still.jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(again.astype(int) - picture).mean() < 2


def test_damaged_key_frames_are_refused_whatever_the_damage() -> None:
    whole, dice = encoded(), random.Random(7)
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(dice.choice((20, 200))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        still = KeyFrame("h264", None, bytes(data[: dice.randrange(1, len(data))]))
        with pytest.raises(BadPicture):
            still.picture()


@pytest.mark.parametrize("data", [b"", b"garbage", bytes(1000), b"\x00\x00\x00\x01"])
def test_what_is_no_video_is_a_bad_picture(data: bytes) -> None:
    with pytest.raises(BadPicture):
        KeyFrame("h264", b"\x00\x00\x01garbage", data).thumbnail()


def test_a_picture_too_small_or_of_an_unknown_codec_is_refused() -> None:
    with pytest.raises(BadPicture, match="16 x 16"):
        KeyFrame("h264", None, encoded(16, 16)).picture()
    with pytest.raises(BadPicture):
        KeyFrame("no such codec", None, encoded()).picture()
