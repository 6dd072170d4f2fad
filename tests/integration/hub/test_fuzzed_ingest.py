"""Thousands of spoilt messages on every topic: each is stored or refused with a reason, and nobody is hurt.

2,000 on each topic in every run; PATROLHUB_TEST_FUZZ=10000 asks for more of them.
"""

import threading
from datetime import UTC, datetime
from hashlib import sha256

import psycopg
import pytest

from hub.evidence import open_evidence
from hub.evidence.examining import examine
from hub.ingest.admission import Admission
from hub.ingest.pipeline import Pipeline
from hub.ingest.queue import BatchLimits, MessageQueue, ReceivedMessage
from hub.ingest.store import BatchStore
from models import NotAPicture
from tests.integration.hub.conftest import DISTRICT
from tests.mutants import mutants
from tests.waiting import WITHIN_S, until_sync
from wire import topics
from wire.decode import JpegPayload, Malformed, PartlySound, decode
from wire.families import TO_HUB, Family
from wire.messages import Ack, Detection, TerminalEvent
from wire.salvage import ALARMS, salvage_alarm
from wire.topics import Kind, Leaf, UnknownTopic

SEED = 7
GOOD_EACH = 50
STAMPED = """
    SELECT boot_id, seq, observed_at + make_interval(secs => coalesce(clock_error_s, 0))
    FROM (SELECT boot_id, seq, observed_at, clock_error_s FROM telemetry
          UNION ALL SELECT boot_id, seq, observed_at, clock_error_s FROM doubtful_fix) AS stored
"""
"""All samples, with the instants that their devices gave them."""


def key_of(topic: str, payload: bytes) -> object:
    """What makes a good message one of its kind; None where it is not good."""
    try:
        address = topics.parse(topic)
        if address.leaf is Leaf.DETECTIONS and address.tail != "C-1":
            return None
        match decode(address, payload):
            case list(samples) | PartlySound(samples=samples):
                return tuple((s.boot_id, s.seq, s.observed_at) for s in samples)
            case JpegPayload(data=data, sha256=photo):
                examine(data)
                return photo
            case TerminalEvent(type=type_) if type_ in ALARMS:
                return sha256(payload).hexdigest()
            case TerminalEvent(event_id=event_id):
                return event_id
            case Ack(command_id=command_id, rev=rev):
                return command_id, rev
            case Detection(detection_id=detection_id, seq=seq):
                return detection_id, seq
            case _:
                return object()
    except (UnknownTopic, Malformed, NotAPicture):
        return None


def salvaged(message: ReceivedMessage) -> str | None:
    """What tells apart the alarms that are raised although their messages are refused."""
    topic, payload = message.topic, message.payload
    if not topic.endswith("/events") or key_of(topic, payload) is not None:
        return None
    found = salvage_alarm(payload, "T-1", message.received_at)
    return None if found is None else found.repeat_key


def refused_samples(topic: str, payload: bytes) -> int:
    """How many samples are refused of a message of which others are stored."""
    decoded = decode(topics.parse(topic), payload)
    return len(decoded.reasons) if isinstance(decoded, PartlySound) else 0


def good(number: int) -> bytes:
    """A sample of its own among the spoilt ones."""
    return (
        f'[{{"boot_id":"good","seq":{number},"observed_at":"2025-08-07T15:19:00+08:00",'
        f'"lon":103.82,"lat":25.6}}]'
    ).encode()


def messages_of(family: Family, count: int) -> list[ReceivedMessage]:
    now = datetime.now(UTC)
    spoilt = list(mutants(family, count, SEED))
    topic = topics.device(DISTRICT, Kind.TERMINAL, "T-1", Leaf.TELEMETRY)
    for number in range(0, count, GOOD_EACH):
        spoilt.insert(number, (topic, good(number)))
    return [
        ReceivedMessage(topic, payload, nth + 1, now) for nth, (topic, payload) in enumerate(spoilt)
    ]


@pytest.mark.parametrize("family", TO_HUB, ids=lambda family: family.name)
def test_every_spoilt_message_is_stored_or_refused_with_a_reason(
    family: Family, fuzz_count: int, registered: str, tmp_path
):
    messages = messages_of(family, fuzz_count)
    queue, acknowledged, stop = MessageQueue(len(messages)), [], threading.Event()
    queue.put(messages)
    store = BatchStore(registered, open_evidence(f"file://{tmp_path}"))
    pipeline = Pipeline(
        Admission(registered, DISTRICT), store, BatchLimits(messages=500, linger_s=0.0)
    )
    thread = threading.Thread(target=pipeline.run, args=(queue, acknowledged.extend, stop))
    thread.start()
    until_sync(lambda: len(acknowledged) == len(messages) or not thread.is_alive(), 90)
    assert thread.is_alive()
    stop.set()
    thread.join(WITHIN_S)
    assert acknowledged == messages

    keys = [key_of(message.topic, message.payload) for message in messages]
    refused = sum(key is None for key in keys)
    assert 0 < refused < len(keys) - fuzz_count // GOOD_EACH, "some are good, and some are not"
    with psycopg.connect(registered) as db:
        letters = db.execute(
            "SELECT messages, reason, shape FROM dead_letter WHERE outcome <> 'conflict'"
        ).fetchall()
        samples = db.execute(STAMPED).fetchall()
        others = db.execute("SELECT count(*) FROM inbox").fetchone()
    good_ones = [m for m, key in zip(messages, keys, strict=True) if key is not None]
    refused += sum(refused_samples(message.topic, message.payload) for message in good_ones)
    assert sum(letter[0] for letter in letters) == refused
    assert all(letter[1] for letter in letters)
    assert [letter for letter in letters if "database" in letter[1]] == []
    told_apart = {key for key in keys if key is not None}
    in_lists = [key for key in told_apart if isinstance(key, tuple) and isinstance(key[0], tuple)]
    sent = {sample for key in in_lists for sample in key}
    assert set(samples) <= sent
    assert {(boot_id, seq) for boot_id, seq, _ in samples} == {each[:2] for each in sent}
    alarms = {salvaged(message) for message in messages} - {None}
    assert others == (len(told_apart) - len(in_lists) + len(alarms),)
