"""A key that comes again: the same content changes nothing, other content is refused for all to see."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from hub.catalogue.commands import import_starter
from hub.db import Pool
from hub.evidence import open_evidence
from hub.ingest.decoding import decode_batch
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from hub.ingest.store import BatchStore
from hub.refusals.dead_letter import Refusals
from hub.worker.handlers import handling
from hub.worker.inbox import handle_next
from tests.districts import add_device, add_district
from tests.use_cases import carry_out
from wire import topics
from wire.topics import Kind, Leaf

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
EVENT_ID = "a1d5f0b4-2c7e-4e57-8a90-5b0f3f6f2c11"
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
CHECK_IN = {"event_id": EVENT_ID, "type": "checkin", "observed_at": "2025-08-07T15:19:04+08:00"}
SOS = CHECK_IN | {"type": "sos"}
ACK = {"command_id": COMMAND_ID, "state": "accepted", "rev": 2, "at": "2025-08-07T15:19:31+08:00"}
SAMPLE = {
    "boot_id": "b-1",
    "seq": 7,
    "observed_at": "2025-08-07T15:19:04+08:00",
    "lon": 103.8,
    "lat": 25.6,
    "speed": 1.3,
}
EXAMPLES = Path(__file__).parents[3] / "wire" / "examples" / "valid"


class Centre:
    """Ingest without a broker, and a worker."""

    def __init__(self, database_url: str, pool: Pool, folder: Path) -> None:
        known = {
            "T-1": RegisteredDevice("terminals"),
            "T-2": RegisteredDevice("terminals"),
            "E-1": RegisteredDevice("edges", frozenset({"C-1", "C-2"})),
        }
        self._registry = Registry("530303", known)
        self.store = BatchStore(database_url, open_evidence(f"file://{folder}"))
        self._pool = pool

    async def receive(
        self, leaf: Leaf, *payloads: Any, device_id: str = "T-1", tail: str = ""
    ) -> None:
        """Messages of a device, in one batch."""
        kind = Kind.EDGE if device_id.startswith("E") else Kind.TERMINAL
        topic = topics.device("530303", kind, device_id, leaf, tail)
        messages = [
            ReceivedMessage(
                topic, each if isinstance(each, bytes) else json.dumps(each).encode(), 1, NOW
            )
            for each in payloads
        ]
        batch = decode_batch(messages, self._registry)
        assert batch.dead_letters == []
        await asyncio.to_thread(self.store.save, batch, Refusals())

    async def work_off(self) -> None:
        worker = handling()
        while await handle_next(self._pool, worker, lambda: NOW + timedelta(seconds=1)):
            pass

    async def read(self, query: str) -> list[dict[str, Any]]:
        async with self._pool.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query.encode())
            return await cursor.fetchall()

    async def refused(self) -> list[tuple[str, str, Any]]:
        """Outcome, reason and content of what was refused."""
        rows = await self.read(
            "SELECT d.outcome, m.reason, convert_from(m.payload, 'UTF8') AS said"
            " FROM dead_letter_message m JOIN dead_letter d USING (dead_letter_id)"
            " ORDER BY m.received_at, m.topic, m.payload"
        )
        return [(row["outcome"], row["reason"], json.loads(row["said"])) for row in rows]


@pytest.fixture
async def centre(database_url: str, pool: Pool, tmp_path: Path) -> AsyncIterator[Centre]:
    async with pool.connection() as db:
        await add_district(db)
        for device_id in ("T-1", "T-2"):
            await add_device(db, device_id)
        await carry_out(db, NOW, import_starter)
    centre = Centre(database_url, pool, tmp_path)
    yield centre
    centre.store.disconnect()


@pytest.mark.parametrize("worked_off", [False, True], ids=["waiting", "handled"])
async def test_an_event_id_that_comes_again_with_other_content_is_refused(
    centre: Centre, worked_off: bool
) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    if worked_off:
        await centre.work_off()
    other = CHECK_IN | {"text": "another"}
    await centre.receive(Leaf.EVENTS, other)
    assert await centre.refused() == [("conflict", "same event_id, other content", other)]
    await centre.work_off()
    assert await centre.read("SELECT text FROM signal") == [{"text": ""}]


async def test_an_equal_repeat_is_silent_whatever_its_form(centre: Centre) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    turned = dict(reversed(CHECK_IN.items()))
    await centre.receive(Leaf.EVENTS, turned, turned | {"place": None, "vendor": "new field"})
    await centre.receive(Leaf.EVENTS, json.dumps(CHECK_IN, indent=2).encode())
    await centre.work_off()
    assert await centre.refused() == []
    assert len(await centre.read("SELECT FROM signal")) == 1


async def test_two_contents_of_a_key_in_one_batch_are_told_apart(centre: Centre) -> None:
    other = CHECK_IN | {"text": "another"}
    await centre.receive(Leaf.EVENTS, CHECK_IN, CHECK_IN, other)
    assert await centre.refused() == [("conflict", "same event_id, other content", other)]


async def test_an_sos_is_raised_under_an_id_that_a_check_in_has_used(centre: Centre) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    await centre.work_off()
    for _ in range(2):
        await centre.receive(Leaf.EVENTS, SOS)
        await centre.work_off()
    ((outcome, reason, said),) = await centre.refused()
    assert (outcome, said["type"]) == ("conflict", "sos")
    assert reason == "same event_id, other content; the alarm was raised all the same"
    signals = await centre.read("SELECT type FROM signal ORDER BY signal_id")
    assert signals == [{"type": "checkin"}, {"type": "sos"}]


async def test_an_sos_overtakes_a_check_in_of_the_same_id_that_waits_which_is_then_refused(
    centre: Centre,
) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    await centre.receive(Leaf.EVENTS, SOS)
    await centre.work_off()
    ((outcome, reason, said),) = await centre.refused()
    assert (outcome, reason, said["type"]) == (
        "conflict",
        "same event_id, other content",
        "checkin",
    )
    assert await centre.read("SELECT type FROM signal") == [{"type": "sos"}]


async def test_a_second_sos_of_the_same_id_and_other_content_is_an_alarm_of_its_own(
    centre: Centre,
) -> None:
    await centre.receive(Leaf.EVENTS, SOS)
    await centre.receive(Leaf.EVENTS, SOS | {"text": "came again"})
    await centre.work_off()
    texts = await centre.read("SELECT text FROM signal WHERE type = 'sos' ORDER BY signal_id")
    assert texts == [{"text": ""}, {"text": "came again"}]


async def test_an_sos_is_raised_though_the_first_of_its_id_left_the_inbox_long_ago(
    centre: Centre, pool: Pool
) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    await centre.work_off()
    async with pool.connection() as db:
        await db.execute("DELETE FROM inbox")
    await centre.receive(Leaf.EVENTS, SOS)
    await centre.work_off()
    assert [row["type"] for row in await centre.read("SELECT type FROM signal")] == [
        "checkin",
        "sos",
    ]


async def test_a_report_under_a_used_id_is_refused_also_after_the_first_left_the_inbox(
    centre: Centre, pool: Pool
) -> None:
    for later in ({"type": "report", "text": "a hole"}, {"type": "geofence"}):
        async with pool.connection() as db:
            await db.execute("DELETE FROM inbox")
        await centre.receive(Leaf.EVENTS, CHECK_IN)
        await centre.work_off()
        async with pool.connection() as db:
            await db.execute("DELETE FROM inbox")
        await centre.receive(Leaf.EVENTS, CHECK_IN | later)
        await centre.work_off()
    refused = await centre.refused()
    assert {outcome for outcome, _, _ in refused} == {"conflict"}
    assert {said["type"] for _, _, said in refused} == {"report", "geofence"}
    assert {row["state"] for row in await centre.read("SELECT state FROM inbox")} == {"done"}
    assert len(await centre.read("SELECT FROM signal")) == 1


async def test_two_devices_may_use_the_same_event_id_and_neither_loses_anything(
    centre: Centre,
) -> None:
    for device_id in ("T-1", "T-2"):
        report = CHECK_IN | {"type": "report", "text": f"by {device_id}"}
        await centre.receive(Leaf.EVENTS, report, device_id=device_id)
    await centre.work_off()
    signals = await centre.read("SELECT device_id, text FROM signal ORDER BY device_id")
    assert [(row["device_id"], row["text"]) for row in signals] == [
        ("T-1", "by T-1"),
        ("T-2", "by T-2"),
    ]
    assert await centre.refused() == []


async def test_an_ack_with_the_same_rev_and_another_state_is_refused(centre: Centre) -> None:
    other = ACK | {"state": "in_progress"}
    await centre.receive(Leaf.ACKS, ACK, ACK, tail=COMMAND_ID)
    await centre.receive(Leaf.ACKS, other, ACK | {"rev": 3}, tail=COMMAND_ID)
    reason = "same command_id and rev, other content"
    assert await centre.refused() == [("conflict", reason, other)]
    assert len(await centre.read("SELECT FROM inbox")) == 2


async def test_a_detection_with_the_same_seq_and_other_content_or_camera_is_refused(
    centre: Centre,
) -> None:
    detection = json.loads((EXAMPLES / "edge_detections" / "new.json").read_text())["payload"]
    seen = detection | {"score": 0.5}
    await centre.receive(Leaf.DETECTIONS, detection, seen, device_id="E-1", tail="C-1")
    await centre.receive(Leaf.DETECTIONS, detection, device_id="E-1", tail="C-2")
    reason = "same detection_id and seq, other content"
    assert sorted(said["score"] for _, _, said in await centre.refused()) == [
        0.5,
        detection["score"],
    ]
    assert {(outcome, why) for outcome, why, _ in await centre.refused()} == {("conflict", reason)}


async def test_samples_that_repeat_a_key_with_other_content_are_refused_and_equal_ones_are_not(
    centre: Centre,
) -> None:
    others = [SAMPLE | {"seq": seq} for seq in range(8, 12)]
    await centre.receive(Leaf.TELEMETRY, [SAMPLE], others)
    await centre.receive(Leaf.TELEMETRY, [SAMPLE], others[:2])
    assert await centre.refused() == []
    moved = [SAMPLE | {"lon": 103.801}, others[0] | {"speed": 9.0}, SAMPLE | {"seq": 99}]
    await centre.receive(Leaf.TELEMETRY, moved, [SAMPLE | {"seq": 100}])
    ((outcome, reason, said),) = await centre.refused()
    assert (outcome, said) == ("conflict", moved)
    assert reason.startswith("same boot_id and seq, other content (got b-1, ")
    assert reason.endswith("); 1 more")
    stored = await centre.read("SELECT seq, lon FROM telemetry ORDER BY seq")
    assert [row["seq"] for row in stored] == [7, 8, 9, 10, 11, 99, 100]
    assert stored[0]["lon"] == 103.8


async def test_a_key_whose_first_message_was_stored_by_an_older_version_is_not_refused(
    centre: Centre, pool: Pool
) -> None:
    await centre.receive(Leaf.EVENTS, CHECK_IN)
    await centre.work_off()
    async with pool.connection() as db:
        await db.execute("UPDATE inbox SET content_sha256 = NULL")
        await db.execute("UPDATE signal SET content_sha256 = NULL")
    await centre.receive(Leaf.EVENTS, CHECK_IN | {"text": "cannot be compared"})
    assert await centre.refused() == []
