"""Commits numbered messages to an outbox and delivers them, until it has made COUNT or is killed.

Arguments: database, port, password, count. A number is committed in the same transaction as its
message, so that the table `fed` is the truth about what must arrive.
"""

import sys
import threading
from pathlib import Path

from edge.connection import BrokerSettings, RetainedMessage
from edge.database import Durability, connect, transaction
from edge.outbox import MessagePriority, OutboundMessage, OutboxTable
from edge.uplink import NodeIdentity, Uplink
from wire import topics
from wire.topics import Kind, Leaf


def topic(leaf: Leaf, tail: str = "") -> str:
    return topics.device("530303", Kind.EDGE, "E-01", leaf, tail)


def main() -> None:
    path, port, password, count = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    connection = connect(path, Durability.FULL)
    connection.execute("CREATE TABLE IF NOT EXISTS fed (number INTEGER PRIMARY KEY)")
    will = RetainedMessage(topic(Leaf.STATUS), b'{"state":"offline","boot_id":"feeder"}')
    birth = RetainedMessage(topic(Leaf.STATUS), b'{"state":"online","boot_id":"feeder"}')
    identity = NodeIdentity("E-01", topics.hub_status("530303"), lambda: [birth], will)
    outbox = OutboxTable(connect(path, Durability.NORMAL), 100_000_000)
    uplink = Uplink(BrokerSettings("127.0.0.1", port, "E-01", password), identity, outbox)
    stop = threading.Event()
    threading.Thread(target=uplink.run, args=(stop,), daemon=True).start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    feed(connection, uplink, count)
    stop.wait()


def feed(connection, uplink: Uplink, count: int) -> None:
    outbox = OutboxTable(connection, 100_000_000)
    query = "SELECT coalesce(max(number), 0) + 1 FROM fed"
    while (number := connection.execute(query).fetchone()[0]) <= count:
        payload = str(number).encode() + b" " * 20_000
        with transaction(connection):
            connection.execute("INSERT INTO fed VALUES (?)", (number,))
            outbox.append(
                OutboundMessage(
                    topic(Leaf.DETECTIONS, "C-001"), payload, MessagePriority.TRANSITION
                )
            )
        uplink.wake()


main()
