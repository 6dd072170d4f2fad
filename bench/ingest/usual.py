"""The usual script: aiomqtt, and one INSERT for each message. It acknowledges before it stores.

    python -m bench.ingest.usual PORT USERNAME PASSWORD DATABASE_URL

Written as the guides of both libraries recommend, with what makes it fair: one connection, autocommit,
prepared statements, and ON CONFLICT, so that a repeat changes nothing.
"""

import asyncio
import json
import sys

import aiomqtt
import psycopg

from wire import topics
from wire.topics import Kind, Leaf

_INSERT = b"""
INSERT INTO telemetry (device_id, boot_id, seq, observed_at, received_at, lon, lat, accuracy_m, speed,
    heading, battery, signal, network, crs, backlog)
VALUES (%s, %s, %s, %s, now(), %s, %s, %s, %s, %s, %s, %s, %s, 'wgs84', false)
ON CONFLICT DO NOTHING
"""
_FIELDS = ("boot_id", "seq", "observed_at", "lon", "lat", "accuracy_m", "speed", "heading",
           "battery", "signal", "network")  # fmt: skip


async def run(port: int, username: str, password: str, database_url: str) -> None:
    """Store messages until killed."""
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as db,
        aiomqtt.Client("127.0.0.1", port, username=username, password=password) as client,
    ):
        await client.subscribe(topics.every_device(Kind.TERMINAL, Leaf.TELEMETRY), qos=1)
        print(json.dumps({"event": "started"}), flush=True)
        async for message in client.messages:
            device_id = topics.parse(str(message.topic)).device_id
            assert isinstance(message.payload, bytes)
            for sample in json.loads(message.payload):
                values = [sample.get(field) for field in _FIELDS]
                await db.execute(_INSERT, [device_id, *values])


def main(port: str, username: str, password: str, database_url: str) -> None:
    asyncio.run(run(int(port), username, password, database_url))


if __name__ == "__main__":
    main(*sys.argv[1:])
