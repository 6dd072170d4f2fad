"""Work on photos takes turns."""

import asyncio
import threading

import pytest

from hub.errors import TooManyRequests, Unavailable
from hub.evidence.decoder import PhotoDecoder
from tests.waiting import until


class Gate:
    """Work that waits until it is let go; it knows how much of it runs at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.running = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> bytes:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.open.wait(10)
        with self._lock:
            self.running -= 1
        return data


async def test_one_account_has_one_piece_of_work_at_a_time_and_another_need_not_wait_for_it():
    gate, decoder = Gate(), PhotoDecoder(threads=2)
    many = [asyncio.create_task(decoder.run("a", gate, b"a")) for _ in range(6)]
    await until(lambda: gate.running == 1)
    other = asyncio.create_task(decoder.run("b", lambda data: data, b"b"))
    assert await asyncio.wait_for(other, 10) == b"b"
    gate.open.set()
    assert await asyncio.gather(*many) == [b"a"] * 6
    assert gate.most == 1


async def test_no_more_than_the_threads_are_busy_whoever_asks():
    gate, decoder = Gate(), PhotoDecoder(threads=2)
    many = [asyncio.create_task(decoder.run(str(each), gate, b"")) for each in range(5)]
    await until(lambda: gate.running == 2)
    gate.open.set()
    await asyncio.gather(*many)
    assert gate.most == 2


async def test_an_account_with_too_much_waiting_is_told_to_send_less():
    gate, decoder = Gate(), PhotoDecoder(waiting=3)
    many = [asyncio.create_task(decoder.run("a", gate, b"")) for _ in range(3)]
    await until(lambda: gate.running == 1)
    with pytest.raises(TooManyRequests) as refused:
        await decoder.run("a", gate, b"")
    assert refused.value.facts["retry_after_s"] == 2
    gate.open.set()
    await asyncio.gather(*many)


async def test_work_that_gets_no_turn_in_time_can_be_tried_again():
    gate, decoder = Gate(), PhotoDecoder(threads=1, within_s=0.05)
    with pytest.raises(Unavailable, match="try again"):
        await decoder.run("a", gate, b"")
    gate.open.set()
