"""Batches are closed by count, bytes or time; what nobody promised is dropped when there is no room."""

import threading
import time
from datetime import UTC, datetime

from hub.ingest.waiting import Bounds, Received, Waiting

NOW = datetime(2025, 8, 7, tzinfo=UTC)
AT_ONCE = Bounds(linger_s=0.0)


def messages(*packet_ids: int, payload: bytes = b"x") -> list[Received]:
    return [Received("t", payload, packet_id, NOW) for packet_id in packet_ids]


def taken(waiting: Waiting, bounds: Bounds = AT_ONCE) -> list[int]:
    return [message.packet_id for message in waiting.take(bounds, wait_s=0.0)]


def test_a_batch_holds_no_more_messages_than_it_may_and_the_rest_comes_next():
    waiting = Waiting(100)
    waiting.put(messages(1, 2, 3, 4, 5))
    bounds = Bounds(messages=2, linger_s=60.0)
    assert [taken(waiting, bounds), taken(waiting, bounds)] == [[1, 2], [3, 4]]
    assert len(waiting) == 1


def test_a_batch_is_closed_by_the_bytes_in_it():
    waiting = Waiting(100)
    waiting.put(messages(1, 2, 3, payload=bytes(100)))
    assert taken(waiting, Bounds(payload_bytes=150, linger_s=60.0)) == [1, 2]
    assert taken(waiting, AT_ONCE) == [3]


def test_a_batch_waits_for_more_only_so_long():
    waiting = Waiting(100)
    waiting.put(messages(1))
    began = time.monotonic()
    assert taken(waiting, Bounds(linger_s=0.05)) == [1]
    assert time.monotonic() - began >= 0.05


def test_who_waits_is_woken_by_what_comes():
    waiting = Waiting(100)
    batches: list[list[Received]] = []
    taker = threading.Thread(target=lambda: batches.append(waiting.take(AT_ONCE, wait_s=60.0)))
    taker.start()
    waiting.put(messages(1))
    taker.join(20)
    assert [message.packet_id for message in batches[0]] == [1]


def test_nothing_comes_of_nothing():
    assert taken(Waiting(100)) == []


def test_messages_without_a_promise_are_dropped_where_there_is_no_room_and_others_never():
    waiting = Waiting(2)
    waiting.put(messages(0, 0, 0, 7, 8))
    assert taken(waiting) == [0, 0, 7, 8]


def test_what_a_lost_line_brought_is_forgotten():
    waiting = Waiting(100)
    waiting.put(messages(1, payload=bytes(1000)))
    waiting.forget()
    waiting.put(messages(2))
    assert taken(waiting, Bounds(payload_bytes=1000, linger_s=0.0)) == [2]
