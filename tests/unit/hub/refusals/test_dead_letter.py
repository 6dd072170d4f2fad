"""What is refused for the same reason is one refusal, however often it comes."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from hub.refusals.dead_letter import (
    KEPT_PAYLOAD_BYTES,
    MOST_SHAPES,
    SAMPLED,
    DeadLetter,
    Refusals,
    shape_of,
    source_of,
)
from wire import topics
from wire.messages import RefusalOutcome

START = datetime(2025, 8, 7, tzinfo=UTC)
SOURCE = "patrol/v1/530303/terminals/T-1/telemetry"


def letter(
    reason: str, at: datetime = START, payload: bytes = b"x", *, sampled: bool = True
) -> DeadLetter:
    return DeadLetter(RefusalOutcome.MALFORMED, SOURCE, reason, SOURCE, payload, at, "T-1", sampled)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "[3].lat: Input should be less than or equal to 90 (got 95.2); 3 more",
            "[12].lat: Input should be less than or equal to 90 (got 171.0)",
        ),
        (f"payload: its sha256 is {'a' * 64}", f"payload: its sha256 is {'4f' * 32}"),
        ("topic 'a': 'x' is no device id", "topic 'b': 'it\\'s' is no device id"),
        (
            "there is no command 3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41",
            "there is no command a1d5f0b4-2c7e-4e57-8a90-5b0f3f6f2c11",
        ),
        ("Invalid JSON: EOF at line 1 column 5", "Invalid JSON: EOF at line 20 column 817"),
    ],
)
def test_reasons_that_differ_in_values_have_the_same_shape(one: str, other: str):
    assert shape_of(one) == shape_of(other)


def test_reasons_that_differ_in_kind_have_different_shapes():
    assert shape_of("lat: Field required") != shape_of("lon: Field required")


def test_the_source_is_the_topic_without_ids_of_commands_and_hashes():
    device = "patrol/v1/530303/terminals/T-1"
    acks = f"{device}/acks/3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
    assert source_of(acks, topics.parse(acks)) == f"{device}/acks"
    assert source_of(f"{device}/acks/nonsense", None) == f"{device}/…"
    assert len(source_of("x" * 60_000, None)) <= 200


def test_ten_thousand_letters_of_a_shape_are_one_refusal_with_a_few_examples():
    letters = [
        letter(f"lat: too large (got {n})", START + timedelta(seconds=n), b"%d" % n)
        for n in range(10_000)
    ]
    (refusal,) = Refusals().group(letters)
    assert refusal.messages == 10_000
    assert (refusal.first_at, refusal.last_at) == (START, START + timedelta(seconds=9_999))
    assert [message.payload for message in refusal.kept.values()] == [
        b"%d" % n for n in range(SAMPLED)
    ]


def test_of_letters_that_are_not_sampled_all_are_kept_and_equal_ones_once_with_a_count():
    payloads = [b"%d" % (n % 300) for n in range(900)]
    letters = [letter("text: too long", payload=each, sampled=False) for each in payloads]
    (refusal,) = Refusals().group(letters)
    assert [message.payload for message in refusal.kept.values()] == payloads[:300]
    assert {message.times for message in refusal.kept.values()} == {3}


def test_a_source_that_is_refused_for_ever_new_reasons_is_bounded_too():
    refusals = Refusals()
    names = ["".join(chr(ord("a") + int(digit)) for digit in str(n)) for n in range(10_000)]
    shapes = {each.shape for name in names for each in refusals.group([letter(f"{name}: no NUL")])}
    assert len(shapes) == MOST_SHAPES + 1


def test_an_example_keeps_the_beginning_of_a_long_payload_and_the_hash_of_all_of_it():
    payload = bytes(KEPT_PAYLOAD_BYTES + 1)
    (refusal,) = Refusals().group([letter("payload: too long", payload=payload)])
    (example,) = refusal.kept.values()
    assert len(example.payload) == KEPT_PAYLOAD_BYTES
    assert example.payload_bytes == KEPT_PAYLOAD_BYTES + 1
    assert example.payload_sha256 == hashlib.sha256(payload).hexdigest()


def test_the_log_tells_of_a_refusal_at_once_and_then_once_a_minute_with_the_count():
    refusals = Refusals()
    with capture_logs() as logs:
        for second in range(0, 130, 10):
            at = START + timedelta(seconds=second)
            refusals.log(refusals.group([letter("lat: Field required", at)] * 100))
    assert [entry["messages"] for entry in logs] == [100, 600, 600]


def test_what_is_not_kept_is_logged_as_an_error_at_once_and_then_once_a_minute():
    refusals = Refusals()
    with capture_logs() as logs:
        for second in range(0, 130, 10):
            at = START + timedelta(seconds=second)
            refusals.log(refusals.group([letter("lat: Field required", at)]), unkept=10)
    errors = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["messages"] for entry in errors] == [10, 60, 60]
