"""Publishing goes on after trouble of the database; only the broker's ends it."""

import asyncio
from datetime import UTC, datetime
from typing import cast

import aiomqtt
import psycopg
import pytest

from hub.db import Pool
from hub.worker import publisher

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


async def test_a_deadlock_of_the_database_does_not_end_the_publishing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes: list[Exception] = [psycopg.errors.DeadlockDetected("no"), aiomqtt.MqttError("away")]
    wake = asyncio.Event()

    async def publish_waiting(*_: object) -> int:
        wake.set()
        raise outcomes.pop(0)

    monkeypatch.setattr(publisher, "publish_waiting", publish_waiting)
    client, pool = cast(aiomqtt.Client, None), cast(Pool, None)
    with pytest.raises(aiomqtt.MqttError, match="away"):
        await publisher.publish_for_ever(client, pool, lambda: NOW, wake)
    assert outcomes == []
