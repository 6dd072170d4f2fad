"""Whatever bytes arrive, decode gives a message or Malformed, and nothing else."""

import json
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

import wire
from wire import topics
from wire.decode import MAX_REASON, Malformed, decode
from wire.families import FAMILIES
from wire.topics import Address, DeviceId, Leaf

EXAMPLES = Path(wire.__file__).parent / "examples"
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
TAILS = {
    Leaf.COMMANDS: COMMAND_ID,
    Leaf.ACKS: COMMAND_ID,
    Leaf.DETECTIONS: "C-001",
    Leaf.EVIDENCE: "ab" * 32,
}
ADDRESSES = [
    Address("530303", family.kind, DeviceId("X-1"), family.leaf, TAILS.get(family.leaf, ""))
    for family in FAMILIES
]
JPEG_START = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"


def golden_messages() -> list[tuple[Address, bytes]]:
    """Every golden message of a device, as address and payload."""
    found = []
    for path in sorted(EXAMPLES.glob("*/*/*.json")):
        golden = json.loads(path.read_text("utf-8"))
        if path.parent.name in {"hub_status", "partner_case"}:
            continue
        text = golden.get("payload_text")
        payload = json.dumps(golden["payload"], ensure_ascii=False) if text is None else text
        found.append((topics.parse(golden["topic"]), payload.encode()))
    return found


def judged(address: Address, payload: bytes) -> None:
    try:
        decode(address, payload)
    except Malformed as refusal:
        assert 0 < len(refusal.reason) <= MAX_REASON  # noqa: PT017
        assert refusal.reason.isprintable()  # noqa: PT017
        refusal.reason.encode()


GOLDEN = golden_messages()
JUNK = st.sampled_from(
    [b"", b"\0", b"\\u0000", b"\\ud800", b"NaN", b"-Infinity", b"1e999", b"[" * 300, b"null",
     b'"', b"{", b"}", b",", b"\xff\xd9", b"\xc3", "中".encode(), b"9" * 4300, b"true", b"-1"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, original: st.SearchStrategy[bytes]) -> bytes:
    """A payload with a few stretches cut out or replaced."""
    payload = draw(original)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(payload)))
        end = draw(st.integers(start, min(len(payload), start + 20)))
        payload = payload[:start] + draw(JUNK | st.binary(max_size=4)) + payload[end:]
    return payload


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mutated_golden_message_is_decoded_or_malformed(data: st.DataObject):
    address, payload = data.draw(st.sampled_from(GOLDEN))
    judged(address, data.draw(mutated(st.just(payload))))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ADDRESSES), st.binary(max_size=300))
@example(ADDRESSES[1], b"[" * 10_000)
@example(ADDRESSES[1], b'[{"x":' * 10_000)
@example(ADDRESSES[7], b'{"version":1,"settings":' + b'{"a":' * 190 + b"1" + b"}" * 191)
@example(ADDRESSES[7], b'{"version":' + b"9" * 4300 + b"}")
@example(ADDRESSES[7], b'{"version":-' + b"9" * 60_000 + b"}")
@example(ADDRESSES[4], b'{"type":' + b"9" * 4300 + b"}")
def test_random_bytes_are_decoded_or_malformed(address: Address, payload: bytes):
    judged(address, payload)


@settings(max_examples=400, deadline=None)
@given(mutated(st.just(JPEG_START + b"\xff\xda\x00\x02scan\xff\xd9")))
def test_a_mutated_jpeg_is_decoded_or_malformed(payload: bytes):
    judged(topics.parse("patrol/v1/530303/cameras/C-1/frames"), payload)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=80) | st.builds("patrol/v1/{}".format, st.text("+#/\n05TC-abcdefs")))
def test_any_topic_is_parsed_or_unknown(topic: str):
    try:
        assert str(topics.parse(topic)) == topic
    except topics.UnknownTopic as refusal:
        assert refusal.topic == topic  # noqa: PT017
