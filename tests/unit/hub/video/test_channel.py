import asyncio
from fractions import Fraction

import pytest
from aiortc.mediastreams import MediaStreamError

from hub.accounts.tokens import new_token, token_hash
from hub.video.channel import QUEUED_PICTURES, Outlet
from hub.video.encoded import EncodedPicture, codecs

KEY = EncodedPicture(b"\x10rest", 0)
DELTA = EncodedPicture(b"\x11rest", 3000)


def test_a_picture_that_stands_alone_is_known_by_its_lowest_bit() -> None:
    assert KEY.is_key
    assert not DELTA.is_key
    assert not EncodedPicture(b"", 0).is_key


async def test_a_viewers_first_picture_is_one_that_stands_alone() -> None:
    outlet = Outlet()
    outlet.offer(DELTA, 1)
    outlet.offer(KEY, 2)
    outlet.offer(DELTA, 3)
    received = [await outlet.recv(), await outlet.recv()]
    assert [(bytes(each), each.pts) for each in received] == [(KEY.data, 2), (DELTA.data, 3)]
    assert received[0].time_base == Fraction(1, 90_000)


async def test_a_viewer_that_is_too_slow_jumps_to_the_next_picture_that_stands_alone() -> None:
    outlet = Outlet()
    outlet.offer(KEY, 0)
    for number in range(1, QUEUED_PICTURES + 5):
        outlet.offer(DELTA, number)
    assert outlet.needs_key
    outlet.offer(KEY, 1000)
    assert (await outlet.recv()).pts == 1000


async def test_a_viewer_that_waits_is_told_of_the_end() -> None:
    outlet = Outlet()
    waiting = asyncio.create_task(outlet.recv())
    await asyncio.sleep(0)
    outlet.stop()
    with pytest.raises(MediaStreamError):
        await waiting


def test_the_relay_agrees_to_vp8_and_its_retransmissions_only() -> None:
    assert {codec.mimeType.lower() for codec in codecs()} == {"video/vp8", "video/rtx"}


def test_a_token_is_long_random_and_kept_as_a_hash() -> None:
    one, other = new_token(), new_token()
    assert one != other
    assert len(one) >= 43
    assert one not in token_hash(one)
    assert token_hash(one) == token_hash(one) != token_hash(other)
