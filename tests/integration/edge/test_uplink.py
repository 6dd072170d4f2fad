"""The outbox against a real broker: kills of the node, deaths of the broker, a hub that is away."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.mosquitto import Mosquitto
from edge.database import Durability, connect, transaction
from edge.outbox import MessagePriority, OutboundMessage, OutboxTable
from tests.integration.edge.conftest import PASSWORD, PROGRAMS, Hub, running, wait_until
from wire import topics
from wire.topics import Kind, Leaf

COUNT = 400


def feeder(broker: Mosquitto, database: Path, count: int = COUNT):
    return running(PROGRAMS / "feeder.py", database, broker.device_port, PASSWORD, count)


def numbers(hub: Hub) -> list[int]:
    return [int(payload) for payload in hub.payloads(Leaf.DETECTIONS)]


def in_effect(arrived: list[int]) -> list[int]:
    """What a receiver that knows each number keeps, in the order in which it first came."""
    return list(dict.fromkeys(arrived))


def left_in_outbox(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT count(*) FROM outbox").fetchone()[0]


def test_killed_again_and_again_the_node_delivers_all_in_order(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    database = tmp_path / "edge.db"
    dice = random.Random(5)
    for _ in range(8):
        with feeder(broker, database) as program:
            enough = len(numbers(hub)) + dice.randint(1, 40)
            wait_until(
                lambda enough=enough: len(numbers(hub)) >= enough or COUNT in numbers(hub),
                30,
                "something comes",
            )
            program.kill()
    with feeder(broker, database):
        wait_until(lambda: COUNT in numbers(hub), 40, "all is delivered")
        wait_until(lambda: left_in_outbox(database) == 0, 10, "the outbox is empty")
    assert in_effect(numbers(hub)) == list(range(1, COUNT + 1))


def test_what_was_committed_while_the_broker_was_down_is_delivered_after_a_kill(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    database = tmp_path / "edge.db"
    broker.stop()
    with feeder(broker, database, 50) as program:
        wait_until(lambda: database.exists() and fed(database) == 50, 20, "all is committed")
        program.kill()
    assert left_in_outbox(database) == 50
    assert numbers(hub) == []
    broker.start()
    with feeder(broker, database, 50):
        wait_until(lambda: left_in_outbox(database) == 0, 40, "the outbox is empty")
    wait_until(lambda: 50 in numbers(hub), 20, "the hub has all")
    assert numbers(hub) == list(range(1, 51))


def fed(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT count(*) FROM fed").fetchone()[0]


@pytest.mark.timeout(300)
def test_a_dying_broker_costs_nothing(broker: Mosquitto, hub: Hub, tmp_path: Path) -> None:
    database = tmp_path / "edge.db"
    with feeder(broker, database, 1500) as program:
        for _ in range(3):
            enough = min(len(numbers(hub)) + 20, 1500)
            wait_until(lambda enough=enough: len(numbers(hub)) >= enough, 60, "some come")
            broker.stop()
            broker.start()
        wait_until(lambda: 1500 in numbers(hub), 200, f"all is delivered: {program.lines[-3:]}")
    assert in_effect(numbers(hub)) == list(range(1, 1501))


def test_what_nobody_would_hear_waits_for_the_hubs_birth(broker: Mosquitto, tmp_path: Path) -> None:
    database = tmp_path / "edge.db"
    with feeder(broker, database, 30) as program:
        wait_until(lambda: program.has_said("message_without_subscribers"), 20, "it notices")
        wait_until(lambda: fed(database) == 30, 20, "all is committed")
        assert left_in_outbox(database) == 30
        late = Hub(broker.port)
        late.start()
        late.announce()
        wait_until(lambda: left_in_outbox(database) == 0, 10, "the outbox is empty")
        wait_until(lambda: 30 in numbers(late), 10, "the hub has all")
        assert in_effect(numbers(late)) == list(range(1, 31))
        late.stop()


def test_what_others_heard_while_the_hub_did_not_is_sent_again_at_its_birth(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    database = tmp_path / "edge.db"
    with feeder(broker, database, 5):
        wait_until(lambda: numbers(hub) == [1, 2, 3, 4, 5], 20, "all is delivered")
        hub.announce()
        wait_until(lambda: numbers(hub) == 2 * [1, 2, 3, 4, 5], 10, "all of it comes again")
        wait_until(lambda: left_in_outbox(database) == 0, 10, "the outbox is empty")


def test_the_node_announces_itself_again_at_the_hubs_birth(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    with feeder(broker, tmp_path / "edge.db", 0):
        wait_until(lambda: hub.states() == ["online"], 10, "it is there")
        hub.announce()
        wait_until(lambda: hub.states() == ["online", "online"], 10, "it says so again")


def test_a_killed_node_is_offline_by_its_last_will(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    with feeder(broker, tmp_path / "edge.db", 0) as program:
        wait_until(lambda: hub.states() == ["online"], 10, "it is there")
        program.kill()
    wait_until(lambda: hub.states() == ["online", "offline"], 10, "the will is out")


def test_a_picture_that_the_broker_never_takes_does_not_hold_up_the_rest(
    broker: Mosquitto, hub: Hub, tmp_path: Path
) -> None:
    database = tmp_path / "edge.db"
    with feeder(broker, database, 5):
        wait_until(lambda: 5 in numbers(hub), 20, "the first come")
    with closing(connect(database, Durability.FULL)) as connection, transaction(connection):
        topic = topics.device("530303", Kind.EDGE, "E-01", Leaf.EVIDENCE, "ab" * 32)
        OutboxTable(connection, 10**9).append(
            OutboundMessage(topic, bytes(200_000), MessagePriority.EVIDENCE)
        )
    broker.stop()
    small = SmallBroker(broker.folder, broker.port, broker.device_port)
    small.start()
    try:
        with feeder(small, database, 10) as program:
            wait_until(lambda: 10 in numbers(hub), 40, "the rest comes")
            wait_until(lambda: left_in_outbox(database) == 0, 10, "the outbox is empty")
            assert program.has_said("message_given_up"), program.lines
    finally:
        small.stop()
    assert in_effect(numbers(hub)) == list(range(1, 11))


class SmallBroker(Mosquitto):
    """Takes no payload larger than 100 kB."""

    def _configuration(self) -> str:
        return (
            super()
            ._configuration()
            .replace("message_size_limit 16777216", "max_packet_size 100000")
        )


def test_a_wrong_password_is_named_and_tried_again(broker: Mosquitto, tmp_path: Path) -> None:
    command = (PROGRAMS / "feeder.py", tmp_path / "edge.db", broker.device_port, "wrong", 1)
    with running(*command) as program:
        wait_until(lambda: program.has_said("refused the login"), 10, "it says why")
        assert program.process.poll() is None
