import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.database import Durability, NewerDatabase, connect, transaction
from edge.outbox import MessagePriority, OutboundMessage, OutboxTable


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "edge.db", Durability.FULL)) as opened:
        yield opened


def message(
    name: str, priority: MessagePriority = MessagePriority.TRANSITION, size: int = 10
) -> OutboundMessage:
    return OutboundMessage(name, b"x" * size, priority)


def add(
    connection: sqlite3.Connection, outbox: OutboxTable, *messages: OutboundMessage
) -> dict[MessagePriority, int]:
    with transaction(connection):
        return outbox.append(*messages)


def names(outbox: OutboxTable) -> list[str]:
    return [waiting.message.topic for waiting in outbox.after(0, 1000)]


def test_messages_come_out_in_the_order_in_which_they_went_in(connection) -> None:
    outbox = OutboxTable(connection, 1_000_000)
    for k in range(20):
        add(connection, outbox, message(str(k)))
    first = outbox.after(0, 12)
    rest = outbox.after(first[-1].outbox_id, 12)
    assert [w.message.topic for w in first + rest] == [str(k) for k in range(20)]


def test_a_delivered_message_is_gone_and_its_number_is_never_used_again(connection) -> None:
    outbox = OutboxTable(connection, 1_000_000)
    add(connection, outbox, message("a"))
    (waiting,) = outbox.after(0, 10)
    outbox.delivered(waiting.outbox_id)
    assert outbox.depth() == 0
    add(connection, outbox, message("b"))
    assert outbox.after(0, 10)[0].outbox_id > waiting.outbox_id


def test_what_is_put_back_is_sent_again_before_what_came_later(connection) -> None:
    outbox = OutboxTable(connection, 1_000_000)
    add(connection, outbox, message("a"), message("b"))
    sent = outbox.after(0, 10)
    outbox.delivered(*(waiting.outbox_id for waiting in sent))
    add(connection, outbox, message("c"))
    outbox.put_back(sent)
    outbox.put_back(sent)
    assert names(outbox) == ["a", "b", "c"]


def _fail_after_append(outbox: OutboxTable) -> None:
    outbox.append(message("a"))
    raise ZeroDivisionError


def test_a_transaction_that_fails_leaves_nothing(connection) -> None:
    outbox = OutboxTable(connection, 1_000_000)
    with pytest.raises(ZeroDivisionError), transaction(connection):
        _fail_after_append(outbox)
    assert outbox.depth() == 0


def test_over_the_bound_health_goes_first_then_routine_then_evidence(connection) -> None:
    outbox = OutboxTable(connection, 4 * 1_256)
    for priority in (
        MessagePriority.EVIDENCE,
        MessagePriority.ROUTINE,
        MessagePriority.HEALTH,
        MessagePriority.TRANSITION,
    ):
        add(connection, outbox, message(priority.name, priority, 1_000))
    remaining = []
    for k in range(4):
        add(connection, outbox, message(f"n{k}", MessagePriority.TRANSITION, 1_000))
        remaining.append([n for n in names(outbox) if not n.startswith("n")])
    assert remaining == [
        ["EVIDENCE", "ROUTINE", "TRANSITION"],
        ["EVIDENCE", "TRANSITION"],
        ["TRANSITION"],
        ["TRANSITION"],
    ]


def test_the_oldest_of_equal_priority_is_dropped_first_and_counted(connection) -> None:
    outbox = OutboxTable(connection, 3 * 1_256)
    for k in range(10):
        dropped = add(connection, outbox, message(str(k), MessagePriority.HEALTH, 1_000))
    assert dropped == {MessagePriority.HEALTH: 1}
    assert names(outbox) == ["7", "8", "9"]
    assert outbox.dropped() == {MessagePriority.HEALTH: 7}


def test_transitions_are_kept_even_over_the_bound(connection) -> None:
    outbox = OutboxTable(connection, 1_000)
    for k in range(30):
        add(connection, outbox, message(str(k)))
    assert outbox.depth() == 30


def test_what_was_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "edge.db"
    with closing(connect(path, Durability.FULL)) as first:
        add(first, OutboxTable(first, 1_000_000), message("a"), message("b"))
    with closing(connect(path, Durability.NORMAL)) as second:
        assert names(OutboxTable(second, 1_000_000)) == ["a", "b"]


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edge.db"
    with closing(connect(path, Durability.FULL)) as opened:
        opened.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerDatabase) as refused:
        connect(path, Durability.FULL)
    assert refused.value.version == 99
