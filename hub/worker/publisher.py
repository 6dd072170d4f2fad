"""From the outbox to the broker: published at QoS 1, marked once the broker has it.

If the worker is killed between the two, a message goes out twice; devices recognise a command by its id.
"""

import asyncio
from datetime import datetime

import aiomqtt
import psycopg
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hub.clock import Clock
from hub.db import Pool
from hub.dispatch import commands as dispatch
from hub.journal.unit_of_work import unit_of_work
from hub.outbox import OutboxMessage
from hub.outbox.store import drop_expired, mark_published, take
from hub.wakes import woken
from wire import topics
from wire.topics import Address, Leaf

log = structlog.get_logger()

BATCH = 200
POLL_S = 1.0


async def publish_for_ever(
    client: aiomqtt.Client, pool: Pool, clock: Clock, wake: asyncio.Event
) -> None:
    """Publish what waits; sleeps until woken, at most for POLL_S.

    What met trouble of the database is published again after a while.
    """
    while True:
        try:
            count = await publish_waiting(client, pool, clock)
        except psycopg.OperationalError as error:
            log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
            count = 0
        if count < BATCH:
            await woken(wake, POLL_S)


async def publish_waiting(client: aiomqtt.Client, pool: Pool, clock: Clock) -> int:
    """Publish one batch; returns how many. Raises aiomqtt.MqttError if the broker is away."""
    async with unit_of_work(pool, "system:outbox", clock()) as work:
        db = work.db
        await drop_expired(db, work.now)
        waiting = await take(db, BATCH)
        if not waiting:
            return 0
        await asyncio.gather(*(_publish(client, message, clock()) for message in waiting))
        now = clock()
        await mark_published(db, [message.outbox_id for message in waiting], now)
        sent = [message.correlation for message in waiting if message.correlation]
        await dispatch.mark_sent(work, sent)
    log.info("outbox_published", count=len(waiting))
    return len(waiting)


async def _publish(client: aiomqtt.Client, message: OutboxMessage, now: datetime) -> None:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if message.expires_at is not None:
        left_s = (message.expires_at - now).total_seconds()
        properties.MessageExpiryInterval = max(1, int(left_s))
    if message.correlation is not None:
        to = topics.parse(message.topic)
        answer = Address(to.district, to.kind, to.device_id, Leaf.ACKS, to.tail)
        properties.ResponseTopic = str(answer)
        properties.CorrelationData = message.correlation.encode()
    await client.publish(
        message.topic, message.payload, qos=1, retain=message.retain, properties=properties
    )
