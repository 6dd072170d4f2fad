"""A batch is complete by count, bytes or time; messages of QoS 0 are dropped if the queue is full."""

import threading
import time
from datetime import UTC, datetime

from hub.ingest.queue import BatchLimits, MessageQueue, ReceivedMessage

NOW = datetime(2025, 8, 7, tzinfo=UTC)
AT_ONCE = BatchLimits(linger_s=0.0)


def messages(*packet_ids: int, payload: bytes = b"x") -> list[ReceivedMessage]:
    return [ReceivedMessage("t", payload, packet_id, NOW) for packet_id in packet_ids]


def taken(queue: MessageQueue, limits: BatchLimits = AT_ONCE) -> list[int]:
    return [message.packet_id for message in queue.take(limits, wait_s=0.0)]


def test_a_batch_holds_no_more_messages_than_it_may_and_the_rest_comes_next():
    queue = MessageQueue(100)
    queue.put(messages(1, 2, 3, 4, 5))
    limits = BatchLimits(messages=2, linger_s=60.0)
    assert [taken(queue, limits), taken(queue, limits)] == [[1, 2], [3, 4]]
    assert taken(queue) == [5]


def test_a_batch_is_closed_by_the_bytes_in_it():
    queue = MessageQueue(100)
    queue.put(messages(1, 2, 3, payload=bytes(100)))
    assert taken(queue, BatchLimits(payload_bytes=150, linger_s=60.0)) == [1, 2]
    assert taken(queue, AT_ONCE) == [3]


def test_a_batch_waits_for_more_only_so_long():
    queue = MessageQueue(100)
    queue.put(messages(1))
    began = time.monotonic()
    assert taken(queue, BatchLimits(linger_s=0.05)) == [1]
    assert time.monotonic() - began >= 0.05


def test_who_waits_is_woken_by_what_comes():
    queue = MessageQueue(100)
    batches: list[list[ReceivedMessage]] = []
    taker = threading.Thread(target=lambda: batches.append(queue.take(AT_ONCE, wait_s=60.0)))
    taker.start()
    queue.put(messages(1))
    taker.join(20)
    assert [message.packet_id for message in batches[0]] == [1]


def test_nothing_comes_of_nothing():
    assert taken(MessageQueue(100)) == []


def test_messages_of_qos_0_are_dropped_when_the_queue_is_full_and_others_never():
    queue = MessageQueue(2)
    queue.put(messages(0, 0, 0, 7, 8))
    assert taken(queue) == [0, 0, 7, 8]


def test_what_a_lost_connection_brought_is_forgotten():
    queue = MessageQueue(100)
    queue.put(messages(1, payload=bytes(1000)))
    queue.clear()
    queue.put(messages(2))
    assert taken(queue, BatchLimits(payload_bytes=1000, linger_s=0.0)) == [2]
