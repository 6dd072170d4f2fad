import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.letterbox import Letterbox


def test_a_wide_picture_gets_bars_above_and_below():
    letterbox = Letterbox.fitting(1280, 720, 416, 416)
    assert letterbox == Letterbox(416 / 1280, 0, 91)


def test_a_tall_picture_gets_bars_at_its_sides():
    letterbox = Letterbox.fitting(300, 600, 416, 416)
    assert (letterbox.left, letterbox.top) == (104, 0)


def test_the_bars_are_grey_and_the_picture_lies_between_them():
    target = np.zeros((416, 416, 3), np.uint8)
    image = np.full((360, 640, 3), 200, np.uint8)
    letterbox = Letterbox.fitting(640, 360, 416, 416)
    letterbox.fill(image, target)
    assert (target[: letterbox.top] == 114).all()
    assert (target[letterbox.top : letterbox.top + 234] == 200).all()
    assert (target[letterbox.top + 234 :] == 114).all()


@given(width=st.integers(16, 4000), height=st.integers(16, 4000), data=st.data())
def test_a_box_comes_back_to_where_it_was(width, height, data):
    letterbox = Letterbox.fitting(width, height, 416, 416)
    x0, x1 = sorted(data.draw(st.lists(st.floats(0, width), min_size=2, max_size=2)))
    y0, y1 = sorted(data.draw(st.lists(st.floats(0, height), min_size=2, max_size=2)))
    shift = np.array([letterbox.left, letterbox.top] * 2)
    there = (np.array([[x0, y0, x1, y1]]) * letterbox.scale + shift).astype(np.float32)
    back = letterbox.to_picture(there, width, height)
    assert back[0] == pytest.approx([x0, y0, x1, y1], abs=max(width, height) / 4000)


def test_boxes_that_reach_out_are_clipped_to_the_picture():
    letterbox = Letterbox.fitting(100, 50, 200, 200)
    out = letterbox.to_picture(np.array([[-20, 0, 300, 400]], np.float32), 100, 50)
    assert out.tolist() == [[0, 0, 100, 50]]
