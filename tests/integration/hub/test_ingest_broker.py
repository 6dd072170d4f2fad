"""What ingest makes of the broker's flags and groups."""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from prometheus_client import REGISTRY

import wire
from tests.integration.hub.conftest import HUB, Publisher, RunningIngest
from tests.integration.hub.test_ingest import count, sample, topic
from tests.waiting import WITHIN_S, until_sync

Login = Callable[[str, str], Publisher]
BIRTH = Path(wire.__file__).parent / "examples" / "valid" / "terminal_status" / "birth.json"


def test_what_a_device_may_not_have_retained_counts_once_and_is_cleared(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    event = {
        "event_id": str(uuid.uuid4()),
        "type": "report",
        "observed_at": "2025-08-07T15:19:00+08:00",
        "text": "kept by mistake",
    }
    terminal.publish(topic("terminals/T-1/events"), json.dumps(event), retain=True)
    birth = json.loads(BIRTH.read_text())["payload"]
    terminal.publish(topic("terminals/T-1/status"), json.dumps(birth), retain=True)
    until_sync(lambda: count(ingest.database_url, "inbox") == 2)
    until_sync(lambda: retained(as_user) == {topic("terminals/T-1/status")})
    assert count(ingest.database_url, "dead_letter") == 0


def retained(as_user: Login) -> set[str]:
    """The topics of devices of which the broker keeps a message, as a new subscriber sees them."""
    found: set[str] = set()
    hub = as_user(*HUB).client
    hub.on_message = lambda _client, _data, message: found.add(message.topic)
    subscribed = threading.Event()
    hub.on_subscribe = lambda *_: subscribed.set()
    hub.subscribe(topic("terminals/#"), qos=1)
    assert subscribed.wait(WITHIN_S)
    mark = topic("hub/mark")
    hub.subscribe(mark, qos=1)
    hub.publish(mark, b"x", qos=1)
    until_sync(lambda: mark in found)
    hub.disconnect()
    return found - {mark}


def test_an_ingest_with_a_secret_group_leaves_the_usual_one(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 1)
    ingest.end()
    secret = replace(ingest, share_group="a-secret", stop=threading.Event(), thread=None)
    secret.start()
    try:
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(1)]))
        until_sync(lambda: count(ingest.database_url, "telemetry") == 2)
        before = messages_stored()
        for seq in range(2, 22):
            terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
        until_sync(lambda: count(ingest.database_url, "telemetry") == 22)
    finally:
        secret.end()
    assert messages_stored() - before == 20, "each once, though the session is the same"


def messages_stored() -> float:
    return REGISTRY.get_sample_value("patrolhub_ingest_messages_total", {"outcome": "stored"}) or 0
