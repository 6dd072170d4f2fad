import json
from hashlib import sha256
from typing import Any

import cv2
import numpy as np
import pytest

from wire import limits, topics
from wire.decode import JpegPayload, Malformed, PartlySound, decode, decode_hub_status
from wire.messages import Ack, Detection, HubStatus, Link, Sample, TerminalStatus
from wire.topics import Address, Kind, Leaf

AT = "2025-08-07T15:19:04+08:00"
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
SAMPLE = {"boot_id": "b1", "seq": 1, "observed_at": AT, "lon": 103.82, "lat": 25.6}
BIRTH = {"state": "online", "boot_id": "b1"}


def address(leaf: Leaf, tail: str = "", kind: Kind = Kind.TERMINAL) -> Address:
    return topics.parse(topics.device("530303", kind, "X-1", leaf, tail))


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def reason(at: Address, payload: bytes) -> str:
    with pytest.raises(Malformed) as refusal:
        decode(at, payload)
    assert refusal.value.topic == str(at)
    return refusal.value.reason


def photo(width: int = 32, height: int = 16) -> bytes:
    done, data = cv2.imencode(".jpg", np.full((height, width, 3), 127, np.uint8))
    assert done
    return data.tobytes()


def evidence(data: bytes) -> Address:
    return address(Leaf.EVIDENCE, sha256(data).hexdigest())


def test_samples_come_as_a_list():
    samples = decode(address(Leaf.TELEMETRY), encoded([SAMPLE, {**SAMPLE, "seq": 2}]))
    assert isinstance(samples, list)
    assert [sample.seq for sample in samples] == [1, 2]
    assert isinstance(samples[0], Sample)


def test_a_status_comes_as_its_message():
    status = decode(address(Leaf.STATUS), encoded(BIRTH))
    assert status == TerminalStatus(state=Link.ONLINE, boot_id="b1")


def test_an_ack_must_answer_the_command_of_its_topic():
    ack = {"command_id": COMMAND_ID, "state": "delivered", "rev": 1, "at": AT}
    assert isinstance(decode(address(Leaf.ACKS, COMMAND_ID), encoded(ack)), Ack)
    other = address(Leaf.ACKS, COMMAND_ID.replace("3", "4"))
    assert reason(other, encoded(ack)) == "command_id: differs from the one in the topic"


def test_a_detection_is_built_by_label_and_read_by_class():
    golden = {
        "type": "new", "detection_id": COMMAND_ID, "seq": 1, "score": 0.9, "hits": 3,
        "box": {"x": 0, "y": 0, "w": 0.1, "h": 0.1}, "ground": {"lon": 1, "lat": 2, "error_m": 3},
        "model": {"name": "m", "version": "1", "sha256": "ab" * 32}, "frame_at": AT,
    }  # fmt: skip
    at = address(Leaf.DETECTIONS, "C-001", Kind.EDGE)
    seen = decode(at, encoded({**golden, "class": "pothole"}))
    assert isinstance(seen, Detection)
    assert seen.label == "pothole"
    assert Detection(**golden, label="pothole").label == "pothole"
    assert reason(at, encoded({**golden, "label": "pothole"})) == "class: Field required"


def test_a_leaf_that_the_kind_does_not_have_is_malformed():
    assert reason(address(Leaf.TELEMETRY, kind=Kind.EDGE), b"[]") == "edges have no telemetry"


def test_500_samples_are_taken_and_501_are_not():
    most = [{**SAMPLE, "seq": seq} for seq in range(limits.MAX_SAMPLES)]
    decoded = decode(address(Leaf.BACKLOG), encoded(most))
    assert isinstance(decoded, list)
    assert len(decoded) == limits.MAX_SAMPLES
    assert "at most 500 items" in reason(address(Leaf.BACKLOG), encoded([*most, SAMPLE]))


def test_144_kib_of_json_are_taken_and_a_byte_more_is_not():
    at, payload = address(Leaf.STATUS), encoded(BIRTH)
    full = payload + b" " * (limits.MAX_JSON_BYTES - len(payload))
    assert decode(at, full) == decode(at, payload)
    assert reason(at, full + b" ") == "payload: 147457 bytes, at most 147456 are allowed"


@pytest.mark.parametrize(
    "bomb",
    [b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000, b'{"x":' + b"[" * 9_999],
    ids=["open", "closed", "objects", "unknown field"],
)
def test_json_nested_thousands_deep_is_malformed(bomb: bytes):
    assert "recursion limit exceeded" in reason(address(Leaf.STATUS), bomb)
    assert "recursion limit exceeded" in reason(address(Leaf.CONFIG_REPORTED), bomb)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({**BIRTH, "holder": "a\0"}, "holder"),
        ({**BIRTH, "boot_id": "a\0"}, "boot_id"),
        ({**BIRTH, "extra": "\0"}, "extra"),
        ({**BIRTH, "extra": [1, {"deep": ["ok", "\0"]}]}, "extra[1].deep[1]"),
        ({**BIRTH, "extra": {"\0": 1}}, r"extra.'\x00'"),
    ],
)
def test_a_nul_character_is_refused_wherever_it_stands(document: Any, field: str):
    said = reason(address(Leaf.STATUS), encoded(document))
    assert said.startswith(f"{field}: ")
    assert "\0" not in said


def test_an_escaped_backslash_before_u0000_is_no_nul():
    assert decode(address(Leaf.STATUS), encoded({**BIRTH, "holder": r"C:\u0000"}))


def test_words_that_look_like_numbers_that_are_not_finite_are_texts_like_others():
    assert decode(address(Leaf.STATUS), encoded({**BIRTH, "holder": "NaN Infinity"}))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_is_not_finite_is_refused(number: str):
    settings = f'{{"version":1,"settings":{{"a":[{{"b":{number}}}]}}}}'
    assert "finite" in reason(address(Leaf.CONFIG_REPORTED), settings.encode())
    sample = encoded([SAMPLE]).replace(b"25.6", number.encode())
    assert "[0].lat: " in reason(address(Leaf.TELEMETRY), sample)


@pytest.mark.parametrize(
    "text", [rb'"\ud800"', rb'"\udc00x"', b'"\xed\xa0\x80"', b'"\xff"', b'"\xc0\x80"', b'"\0"']
)
def test_text_that_is_not_unicode_is_refused(text: bytes):
    for field in (b"holder", b"unknown"):
        payload = b'{"state":"online","boot_id":"b1","' + field + b'":' + text + b"}"
        assert reason(address(Leaf.STATUS), payload).startswith("payload: Invalid JSON")


def test_a_surrogate_pair_is_one_character():
    status = decode(address(Leaf.STATUS), encoded({**BIRTH, "holder": "😀"}))
    assert isinstance(status, TerminalStatus)
    assert status.holder == "😀"


def test_a_reason_quotes_little_of_the_payload():
    at = address(Leaf.STATUS)
    for document in (
        {**BIRTH, "state": "x" * 60_000},
        {**BIRTH, "x" * 60_000: "\0"},
        {**BIRTH, "a": {f"{n:0100}": 1 for n in range(50)} | {"b" * 100: {"c" * 100: "\0"}}},
    ):
        assert len(reason(at, encoded(document))) <= 200
    command = {"type": "x" * 60_000}
    assert len(reason(address(Leaf.COMMANDS, COMMAND_ID), encoded(command))) <= 200


def test_a_reason_counts_the_faults_that_it_does_not_name():
    assert reason(address(Leaf.TELEMETRY), b"[{}, {}]") == "[0].boot_id: Field required; 9 more"


def test_a_photo_comes_with_its_size_and_hash():
    data = photo(32, 16)
    decoded = decode(evidence(data), data)
    assert decoded == JpegPayload(data, sha256(data).hexdigest(), 32, 16)


def test_a_photo_under_another_hash_is_refused():
    said = reason(address(Leaf.EVIDENCE, "ab" * 32), photo())
    assert "its sha256 is " in said


def test_a_frame_needs_no_hash_in_its_topic():
    decoded = decode(address(Leaf.FRAMES, kind=Kind.CAMERA), photo(64, 48))
    assert isinstance(decoded, JpegPayload)
    assert (decoded.width, decoded.height) == (64, 48)


def test_a_photo_of_half_a_mebibyte_is_taken_and_a_byte_more_is_not():
    data = photo()
    fill = b"\xff" * (limits.MAX_JPEG_BYTES - len(data))
    full = data[:2] + fill + data[2:]
    assert len(full) == limits.MAX_JPEG_BYTES
    assert decode(evidence(full), full)
    assert "at most 524288" in reason(evidence(full), full + b"\0")


def test_a_photo_of_more_than_20_megapixels_is_refused_unopened():
    data = bytearray(photo())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = (5000).to_bytes(2, "big") + (4000).to_bytes(2, "big")
    assert decode(evidence(bytes(data)), bytes(data))
    data[frame + 5 : frame + 9] = (5001).to_bytes(2, "big") + (4000).to_bytes(2, "big")
    said = reason(evidence(bytes(data)), bytes(data))
    assert said == "payload: 4000 x 5001 pixels, at most 20000000 are allowed"


def test_the_hubs_birth_is_read_by_devices():
    topic = topics.hub_status("530303")
    birth = {"state": "online", "started_at": AT, "version": "0.1.0"}
    assert isinstance(decode_hub_status(topic, encoded(birth)), HubStatus)
    for payload in (b"", b"{}", b" " * 70_000):
        with pytest.raises(Malformed):
            decode_hub_status(topic, payload)


def test_one_bad_value_costs_one_sample_of_500():
    most = [{**SAMPLE, "seq": seq} for seq in range(limits.MAX_SAMPLES)]
    most[7]["battery"] = 101
    decoded = decode(address(Leaf.TELEMETRY), encoded(most))
    assert isinstance(decoded, PartlySound)
    assert [sample.seq for sample in decoded.samples] == [n for n in range(500) if n != 7]
    assert decoded.reasons == [
        "[7].battery: must be a number from 0 to 100, or 255 if unknown (got 101)"
    ]


def test_a_sample_of_several_faults_has_one_reason_that_counts_the_others():
    bad = {**SAMPLE, "seq": -1, "lat": 91, "battery": "full"}
    decoded = decode(address(Leaf.BACKLOG), encoded([SAMPLE, bad, 7, None]))
    assert isinstance(decoded, PartlySound)
    first, second, third = decoded.reasons
    assert first == "[1].seq: Input should be greater than or equal to 0 (got -1); 2 more"
    assert second.startswith("[2]: Input should be an object")
    assert third.startswith("[3]: Input should be an object")


def test_what_is_wrong_with_a_whole_message_refuses_all_of_it():
    for payload in (encoded([SAMPLE] * 501), encoded({"0": SAMPLE}), encoded([SAMPLE])[:-1]):
        reason(address(Leaf.TELEMETRY), payload)
    assert reason(address(Leaf.TELEMETRY), encoded([{**SAMPLE, "lat": 91}] * 2)).startswith(
        "[0].lat"
    )


@pytest.mark.parametrize(
    ("field", "unknown"),
    [("battery", 255), ("battery", 255.0), ("speed", 255), ("signal", 99), ("signal", 255)],
)
def test_the_usual_numbers_for_unknown_count_as_null(field: str, unknown: float):
    (sample,) = decode(address(Leaf.TELEMETRY), encoded([{**SAMPLE, field: unknown}]))  # type: ignore[misc]
    assert getattr(sample, field) is None


@pytest.mark.parametrize(
    ("field", "value"), [("battery", 99), ("speed", 99), ("heading", 255), ("heading", 99)]
)
def test_a_number_that_a_field_can_really_have_is_no_unknown(field: str, value: float):
    (sample,) = decode(address(Leaf.TELEMETRY), encoded([{**SAMPLE, field: value}]))  # type: ignore[misc]
    assert getattr(sample, field) == value


def test_500_samples_with_all_of_their_fields_fit_also_with_blanks_and_full_precision():
    most = [
        {
            "boot_id": "b7f3c2d1-1841-4f6e-9d5e-0c7a1b2d9e41",
            "seq": 1_000_000 + seq,
            "observed_at": "2025-08-07T15:19:04.123+08:00",
            "lon": 103.82161234,
            "lat": 25.60431234,
            "accuracy_m": 6.0,
            "speed": 1.3,
            "heading": 292.5,
            "battery": 78,
            "signal": -101,
            "network": "4g",
            "crs": "gcj02",
        }
        for seq in range(limits.MAX_SAMPLES)
    ]
    decoded = decode(address(Leaf.TELEMETRY), encoded(most))
    assert isinstance(decoded, list)
    assert len(decoded) == limits.MAX_SAMPLES
