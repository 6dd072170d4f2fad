"""What becomes of a photo that a device sends."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest

from hub.evidence.examining import BUDGET_S, BUDGET_WINDOW_S, DecodingBudget, examine
from hub.ingest.decoding import Batch, decode_batch
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from models import NotAPicture, PictureFault
from wire import topics
from wire.topics import Kind, Leaf

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
REGISTRY = Registry("530303", {"T-00001": RegisteredDevice(Kind.TERMINAL)})
PICTURES = Path(__file__).parents[3] / "pictures"


def received(data: bytes) -> Batch:
    digest = sha256(data).hexdigest()
    topic = topics.device("530303", Kind.TERMINAL, "T-00001", Leaf.EVIDENCE, digest)
    return decode_batch([ReceivedMessage(topic, data, 1, NOW)], REGISTRY)


def progressive(scans: int) -> bytes:
    """A large grey picture whose last scan is repeated: small to send, and long to decode."""
    picture = np.full((3000, 4000, 3), 120, np.uint8)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * scans + b"\xff\xd9"


def test_a_whole_photo_is_stored_with_its_perceptual_hash_though_a_makers_block_follows_it() -> (
    None
):
    data = (PICTURES / "whole_with_maker_block.jpg").read_bytes()
    batch = received(data)
    assert batch.dead_letters == []
    (row,) = batch.photos
    assert (row.photo.data, row.photo.sha256) == (data, sha256(data).hexdigest())
    assert (row.photo.width, row.photo.height) == (320, 180)
    assert row.perceptual_hash == examine(data).perceptual_hash


def test_half_a_photo_with_an_end_marker_is_a_dead_letter_that_says_so(capfd) -> None:
    batch = received((PICTURES / "cut_half_with_eoi.jpg").read_bytes())
    assert (batch.photos, batch.inbox) == ([], [])
    (letter,) = batch.dead_letters
    assert letter.reason == "payload: ends before its last row; cut short?"
    assert capfd.readouterr() == ("", "")


def test_a_photo_of_hundreds_of_scans_is_refused_by_its_markers(monkeypatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the decoder was reached")

    monkeypatch.setattr("models.pictures._decode", decoded)
    (letter,) = received(progressive(300)).dead_letters
    assert "more than 32 scans" in letter.reason


def test_a_sender_whose_pictures_took_too_long_waits_and_others_do_not() -> None:
    class Slow:
        now_s = 1000.0

        def __call__(self) -> float:
            self.now_s += BUDGET_S / 3
            return self.now_s

    clock = Slow()
    budget, data = DecodingBudget(clock), (PICTURES / "whole_with_maker_block.jpg").read_bytes()
    for _ in range(4):
        budget.examine("T-1", data)
    with pytest.raises(NotAPicture) as refused:
        budget.examine("T-1", data)
    assert refused.value.reason is PictureFault.TOO_COSTLY
    budget.examine("T-2", data)
    clock.now_s += BUDGET_WINDOW_S
    budget.examine("T-1", data)
