"""How near a picture is to itself in another form, and to other pictures of streets."""

from collections.abc import Callable
from itertools import combinations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hub.cases.provenance import LIKE_BITS
from hub.evidence.examining import examine
from scenes import CoverState, encode_jpeg, patrol_photo

Picture = NDArray[np.uint8]
PHOTOS = [
    patrol_photo(seed, state, 640, 480).image
    for seed in range(8)
    for state in (CoverState.BROKEN, CoverState.GOOD)
]


def bits(one: bytes, other: bytes) -> int:
    """In how many bits the perceptual hashes of two JPEGs differ."""
    return ((examine(one).perceptual_hash ^ examine(other).perceptual_hash) % (1 << 64)).bit_count()


def poor(image: Picture) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 25])[1].tobytes()


def small(image: Picture) -> bytes:
    return encode_jpeg(cv2.resize(image, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA))


def cut(image: Picture) -> bytes:
    height, width = image.shape[:2]
    down, right = round(height * 0.01), round(width * 0.01)
    return encode_jpeg(np.ascontiguousarray(image[down : height - down, right : width - right]))


def lighter(image: Picture) -> bytes:
    return encode_jpeg(cv2.convertScaleAbs(image, alpha=1.2, beta=8))


@pytest.mark.parametrize("form", [poor, small, cut, lighter])
def test_another_form_of_a_photo_is_the_same_picture(form: Callable[[Picture], bytes]):
    for image in PHOTOS:
        assert bits(encode_jpeg(image), form(image)) <= LIKE_BITS


def test_photos_of_different_places_are_different_pictures():
    of_places = [encode_jpeg(image) for image in PHOTOS[::2]]
    assert min(bits(one, other) for one, other in combinations(of_places, 2)) > LIKE_BITS
