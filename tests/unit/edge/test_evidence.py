"""The pictures that leave the node."""

from datetime import UTC, datetime
from hashlib import sha256

import cv2
import numpy as np
import pytest

from edge.boxes import ImageBox
from edge.evidence import Evidence, EvidenceFrame
from edge.frame import CameraFrame
from edge.picture import Jpeg, Picture, picture
from scenes import encode_jpeg
from wire.limits import MAX_JPEG_BYTES

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
WINDOW = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.4), (0.1, 0.4))
COLUMNS, ROWS = slice(1280 // 10, 1280 * 3 // 10), slice(720 // 10, 720 * 4 // 10)


def evidence_frame(image: Picture, jpeg: bytes, blur: tuple = ()) -> EvidenceFrame:
    return EvidenceFrame(CameraFrame("C-001", Jpeg(jpeg), 0.0, AT), image, blur)


def shades(width: int, height: int) -> Picture:
    across = np.linspace(0, 255, width).astype(np.uint8)
    return np.repeat(np.repeat(across[None, :, None], height, axis=0), 3, axis=2)


def noise(width: int, height: int) -> Picture:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(np.uint8)


def shown(evidence: Evidence) -> Picture:
    assert evidence.sha256 == sha256(evidence.jpeg).hexdigest()
    assert len(evidence.jpeg) <= MAX_JPEG_BYTES
    return picture(evidence.jpeg)


def test_evidence_is_the_cameras_own_bytes() -> None:
    jpeg = encode_jpeg(shades(640, 360))
    assert evidence_frame(shades(640, 360), jpeg).whole.jpeg == jpeg


def test_evidence_over_the_limit_is_encoded_again_within_it() -> None:
    image = noise(2560, 1440)
    jpeg = encode_jpeg(image, 95)
    assert len(jpeg) > MAX_JPEG_BYTES
    assert shown(evidence_frame(image, jpeg).whole).shape[1] >= 640


def test_a_crop_shows_the_thing_and_its_surroundings_at_the_cameras_resolution() -> None:
    image = shades(1920, 1080)
    cv2.rectangle(image, (960, 540), (1160, 660), (0, 0, 200), -1)
    crop, box = evidence_frame(image, b"").crop(
        ImageBox(960 / 1920, 540 / 1080, 200 / 1920, 120 / 1080)
    )
    cut = shown(crop)
    assert cut.shape == (240, 400, 3)
    assert (box.x, box.y, box.w, box.h) == pytest.approx((0.25, 0.25, 0.5, 0.5))
    assert tuple(cut[120, 200]) == pytest.approx((0, 0, 200), abs=8)


def test_a_crop_at_the_pictures_corner_stays_within_it() -> None:
    crop, box = evidence_frame(shades(640, 360), b"").crop(ImageBox(0.95, 0.95, 0.05, 0.05))
    assert min(shown(crop).shape[:2]) >= 80
    assert box.x + box.w == pytest.approx(1)
    assert box.y + box.h == pytest.approx(1)


def test_what_is_to_be_blurred_is_in_no_picture_that_leaves() -> None:
    image = noise(1280, 720)
    made = evidence_frame(image, encode_jpeg(image), (WINDOW,))
    whole = shown(made.whole)
    assert contrast(whole[ROWS, COLUMNS]) < 0.15 * contrast(image[ROWS, COLUMNS])
    assert contrast(whole[:, 600:]) > 0.5 * contrast(image[:, 600:])
    crop, _ = made.crop(ImageBox(0.15, 0.15, 0.1, 0.15))
    assert contrast(shown(crop)[60:-60, 40:-40]) < 0.15 * contrast(image)


def test_blurring_leaves_the_frame_itself_as_it_is() -> None:
    image = noise(1280, 720)
    before = image.copy()
    assert evidence_frame(image, encode_jpeg(image), (WINDOW,)).whole
    assert (image == before).all()


def contrast(image: Picture) -> float:
    return float(image.astype(np.float32).std())
