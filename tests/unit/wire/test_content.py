"""What a message says, whatever its form, and the key under which it says so."""

import json
from pathlib import Path

import pytest

from wire import topics
from wire.content import content_sha256, key_of
from wire.decode import decode
from wire.messages import Message
from wire.topics import Kind, Leaf

EXAMPLES = Path(__file__).parents[3] / "wire" / "examples" / "valid"
EVENTS = topics.device("530303", Kind.TERMINAL, "T-1", Leaf.EVENTS)


def message(topic: str, payload: object) -> Message:
    decoded = decode(topics.parse(topic), json.dumps(payload).encode())
    assert isinstance(decoded, Message)
    return decoded


def report() -> dict[str, object]:
    golden = json.loads((EXAMPLES / "terminal_events" / "report.json").read_text("utf-8"))
    found: dict[str, object] = golden["payload"]
    return found


def test_the_order_of_fields_unknown_fields_and_nulls_do_not_count():
    said = report()
    other = {"vendor": {"x": 1}, **dict(reversed(said.items()))}
    assert content_sha256(message(EVENTS, said)) == content_sha256(message(EVENTS, other))
    bare = {key: said[key] for key in ("event_id", "type", "observed_at")}
    nulls = bare | {"place": None, "text": None}
    assert content_sha256(message(EVENTS, bare)) == content_sha256(message(EVENTS, nulls))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "checkin"},
        {"text": "another"},
        {"observed_at": "2025-08-07T15:19:05+08:00"},
        {"place": None},
        {"evidence": []},
    ],
)
def test_every_field_of_the_contract_counts(change: dict[str, object]):
    said = report()
    assert content_sha256(message(EVENTS, said)) != content_sha256(message(EVENTS, said | change))


def test_the_end_of_the_topic_counts():
    said = message(EVENTS, report())
    assert content_sha256(said, "C-1") != content_sha256(said, "C-2")


def test_events_answers_and_detections_have_keys_and_births_have_none():
    def golden(name: str) -> tuple[Message, dict[str, object]]:
        text = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
        return message(text["topic"], text["payload"]), text["payload"]

    event, said = golden("terminal_events/report")
    assert key_of(event) == said["event_id"]
    ack, said = golden("terminal_acks/delivered")
    assert key_of(ack) == f"{said['command_id']}/{said['rev']}"
    detection, said = golden("edge_detections/new")
    assert key_of(detection) == f"{said['detection_id']}/{said['seq']}"
    birth, _ = golden("terminal_status/birth")
    assert key_of(birth) is None
