"""A disk that is full, by SQLite's own bound on the pages of a file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.database import Durability, StorageFailed, connect, transaction
from edge.disk import Disk
from edge.outbox import MessagePriority, OutboundMessage, OutboxTable
from wire.messages import Storage

PAGE = 4096


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "edge.db", Durability.FULL)) as opened:
        yield opened


@pytest.fixture
def outbox(connection: sqlite3.Connection) -> OutboxTable:
    return OutboxTable(connection, 100_000_000)


def message(
    name: str, priority: MessagePriority = MessagePriority.TRANSITION, size: int = 20_000
) -> OutboundMessage:
    return OutboundMessage(name, b"x" * size, priority)


def add(connection: sqlite3.Connection, outbox: OutboxTable, *messages: OutboundMessage) -> None:
    with transaction(connection):
        outbox.append(*messages)


def fill(connection: sqlite3.Connection, outbox: OutboxTable, priority: MessagePriority) -> int:
    """Bound the file a little above its size, and fill it up; how many messages went in."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 50}")
    for count in range(100):
        try:
            add(connection, outbox, message(f"{priority.name}{count}", priority))
        except StorageFailed:
            return count
    raise AssertionError("it never fills up")


def names(outbox: OutboxTable) -> list[str]:
    return [waiting.message.topic for waiting in outbox.after(0, 1000)]


def test_a_full_disk_is_recognised_and_what_was_accepted_stays(connection, outbox) -> None:
    count = fill(connection, outbox, MessagePriority.TRANSITION)
    with pytest.raises(StorageFailed) as refused:
        add(connection, outbox, message("x"))
    assert refused.value.full
    assert not connection.in_transaction
    assert names(outbox) == [f"TRANSITION{k}" for k in range(count)]


def test_other_faults_are_not_taken_for_the_disk(connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), transaction(connection):
        connection.execute("INSERT INTO nowhere VALUES (1)")


def test_the_lowest_priority_makes_room_first(connection, outbox) -> None:
    add(connection, outbox, message("first"), message("picture", MessagePriority.EVIDENCE))
    beats = fill(connection, outbox, MessagePriority.HEALTH)
    assert outbox.make_room(50_000) >= 50_000
    add(connection, outbox, message("urgent"))
    assert names(outbox)[:2] == ["first", "picture"]
    assert names(outbox)[-1] == "urgent"
    assert outbox.dropped() == {MessagePriority.HEALTH: 3}
    assert len(names(outbox)) == beats


def test_no_room_is_made_from_transitions(connection, outbox) -> None:
    count = fill(connection, outbox, MessagePriority.TRANSITION)
    assert outbox.make_room(1) == 0
    assert outbox.depth() == count
    assert outbox.dropped() == {}


def test_a_delivered_message_is_not_sent_again_though_the_disk_will_not_let_it_go(
    connection, outbox
) -> None:
    add(connection, outbox, message("a"), message("b"), message("c"))
    first, *_ = outbox.after(0, 1)
    connection.execute("PRAGMA query_only = ON")
    outbox.delivered(first.outbox_id)
    assert names(outbox) == ["b", "c"]
    assert [one.message.topic for one in outbox.after(0, 1)] == ["b"]
    connection.execute("PRAGMA query_only = OFF")
    outbox.delivered(outbox.after(0, 1)[0].outbox_id)
    assert outbox.depth() == 1


def test_the_disk_is_full_until_something_is_written(connection, outbox) -> None:
    disk = Disk()
    assert disk.state is Storage.OK
    fill(connection, outbox, MessagePriority.HEALTH)
    with pytest.raises(StorageFailed) as refused:
        add(connection, outbox, message("x"))
    disk.failed(refused.value)
    assert disk.state is Storage.FULL
    disk.worked()
    assert disk.state is Storage.OK
