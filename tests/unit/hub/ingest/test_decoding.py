"""What becomes of a message of samples."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hub.ingest.decoding import decode_batch
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from hub.ingest.rows import Batch, TelemetryRow
from wire import topics
from wire.topics import Kind, Leaf

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
REGISTRY = Registry("530303", {"T-00001": RegisteredDevice(Kind.TERMINAL)})
TOPIC = topics.device("530303", Kind.TERMINAL, "T-00001", Leaf.TELEMETRY)


def decoded(*samples: dict[str, object]) -> Batch:
    message = ReceivedMessage(TOPIC, json.dumps(samples).encode(), 1, NOW)
    batch = decode_batch([message], REGISTRY)
    assert batch.dead_letters == []
    return batch


def sample(seq: int, observed_at: str, **more: object) -> dict[str, object]:
    # The device's own order of fields is none of the contract's.
    return {
        "network": "4g",
        "lat": 25.6,
        "lon": 103.8,
        "seq": seq,
        "boot_id": "b-1",
        "observed_at": observed_at,
        **more,
    }


def test_a_row_holds_each_field_where_its_column_is_with_what_the_contract_assumes() -> None:
    batch = decoded(sample(7, "2025-08-07T07:18:59Z", speed=1.5, vendor="ignored"))
    assert batch.telemetry == [
        TelemetryRow(
            boot_id="b-1",
            seq=7,
            lon=103.8,
            lat=25.6,
            accuracy_m=30.0,
            speed=1.5,
            heading=None,
            battery=None,
            signal=None,
            network="4g",
            crs="wgs84",
            observed_at=NOW - timedelta(seconds=1),
            device_id="T-00001",
            received_at=NOW,
            backlog=False,
        )
    ]


def test_a_bad_sample_is_a_dead_letter_and_the_good_ones_of_its_message_are_stored() -> None:
    samples = [sample(seq, "2025-08-07T07:18:59Z") for seq in (1, 2, 3)]
    samples[1]["battery"] = 101
    samples[2]["battery"] = 255
    message = ReceivedMessage(TOPIC, json.dumps(samples).encode(), 1, NOW)
    batch = decode_batch([message], REGISTRY)
    rows = [TelemetryRow(*row) for row in batch.telemetry]  # type: ignore[arg-type]
    assert [(row.seq, row.battery) for row in rows] == [(1, None), (3, None)]
    (letter,) = batch.dead_letters
    assert letter.reason.startswith("[1].battery: ")
    assert batch.refused_samples == 1
    assert batch.live.keys() == {"T-00001"}


def test_instants_of_any_offset_come_in_utc_and_the_latest_of_them_moves_the_terminal() -> None:
    batch = decoded(
        sample(1, "2025-08-07T15:18:58+08:00"),
        sample(2, "2025-08-07T01:18:59-06:00"),
        sample(3, "2025-08-07T07:18:57Z"),
    )
    rows = [TelemetryRow(*row) for row in batch.telemetry]  # type: ignore[arg-type]
    assert [row.observed_at for row in rows] == [NOW - timedelta(seconds=s) for s in (2, 1, 3)]
    assert all(row.observed_at.tzinfo is UTC for row in rows)
    assert batch.live["T-00001"].observed_at == NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    "tail", ["acks/3F0C8A52-6F0B-4A36-9D5E-0C7A1B2D9E41", "acks/7", f"evidence/{'AB' * 32}"]
)
def test_a_message_under_a_topic_of_the_wrong_form_is_its_sender_s_and_all_are_kept(
    tail: str,
) -> None:
    message = ReceivedMessage(TOPIC.replace("telemetry", tail), b"{}", 1, NOW)
    (letter,) = decode_batch([message], REGISTRY).dead_letters
    assert (letter.device_id, letter.sampled) == ("T-00001", False)
    assert letter.source == TOPIC.replace("telemetry", tail.partition("/")[0])


def test_a_stranger_s_message_under_such_a_topic_is_nobody_s() -> None:
    topic = TOPIC.replace("telemetry", "acks/7").replace("T-00001", "T-00002")
    (letter,) = decode_batch([ReceivedMessage(topic, b"{}", 1, NOW)], REGISTRY).dead_letters
    assert (letter.device_id, letter.sampled) == (None, True)
