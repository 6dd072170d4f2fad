"""What was said to a device isn't kept in the outbox: it may hold a camera's password or a token."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.db import Connection
from hub.outbox.store import (
    NewMessage,
    drop_expired,
    enqueue_all,
    mark_published,
    take,
    withdraw,
)

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
SECRET = b"rtsp://admin:of-this-test-only@127.0.0.1/1"


@pytest.fixture
async def queued(db: Connection) -> Connection:
    until = NOW + timedelta(minutes=1)
    messages = [
        NewMessage("sent", SECRET, True, None, NOW, None),
        NewMessage("withdrawn", SECRET, False, "a command", NOW, until + timedelta(days=1)),
        NewMessage("expired", SECRET, False, None, NOW, until),
        NewMessage("waiting", SECRET, False, None, NOW, until + timedelta(days=1)),
    ]
    await enqueue_all(db, messages)
    return db


async def test_a_message_is_forgotten_once_it_is_sent_or_dropped(queued: Connection) -> None:
    sent = next(each for each in await take(queued, 10) if each.topic == "sent")
    assert sent.payload == SECRET
    await mark_published(queued, [sent.outbox_id], NOW)
    await withdraw(queued, "a command", NOW)
    assert await drop_expired(queued, NOW + timedelta(minutes=1)) == 1
    cursor = await queued.execute("SELECT topic FROM outbox WHERE payload <> ''")
    assert await cursor.fetchall() == [("waiting",)]
