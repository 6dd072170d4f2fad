"""Ingest against a real broker and a real database: stored, refused or held, and never lost."""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psycopg
from prometheus_client import REGISTRY

import wire
from deploy.local.mosquitto import Mosquitto
from hub.evidence import open_evidence
from tests.integration.hub.conftest import HUB, Publisher, RunningIngest
from tests.waiting import WITHIN_S, until_sync
from wire.topics import hub_status

Login = Callable[[str, str], Publisher]
EXAMPLES = Path(wire.__file__).parent / "examples"


def topic(rest: str, district: str = "530303") -> str:
    from wire.topics import PREFIX

    return f"{PREFIX}/{district}/{rest}"


def sample(
    seq: int, observed_at: str = "2025-08-07T15:19:00+08:00", **other: Any
) -> dict[str, Any]:
    fix = {"boot_id": "b1", "seq": seq, "observed_at": observed_at, "lon": 103.82, "lat": 25.6}
    return fix | other


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as db:
        return db.execute(query.encode()).fetchall()


def count(url: str, table: str, where: str = "true") -> int:
    return int(rows(url, f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def jpeg() -> bytes:
    _, data = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))
    return data.tobytes()


def test_samples_are_stored_once_however_often_they_come(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    payload = json.dumps([sample(n) for n in range(5)])
    for _ in range(3):
        terminal.publish(topic("terminals/T-1/telemetry"), payload)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(99)]))
    until_sync(lambda: count(ingest.database_url, "telemetry", "seq = 99") == 1)
    assert count(ingest.database_url, "telemetry") == 6


def test_bad_messages_are_kept_with_a_reason_and_the_good_ones_beside_them_arrive(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    hub = as_user(*HUB)
    bad = {
        "malformed JSON": ("terminals/T-1/telemetry", b"{not json"),
        "unknown device": ("terminals/T-2/telemetry", json.dumps([sample(1)]).encode()),
        "wrong kind": ("cameras/T-1/status", b'{"state": "online", "boot_id": "b"}'),
        "10 MB": ("terminals/T-1/events", b"[" * 10_000_000),
        "not a JPEG": (f"terminals/T-1/evidence/{hashlib.sha256(b'x').hexdigest()}", b"x"),
        "other hash": (f"terminals/T-1/evidence/{'0' * 64}", jpeg()),
        "wrong id inside": (
            f"terminals/T-1/acks/{uuid.uuid4()}",
            json.dumps(
                {
                    "command_id": str(uuid.uuid4()),
                    "state": "accepted",
                    "rev": 1,
                    "at": "2025-08-07T15:19:00+08:00",
                }
            ).encode(),
        ),
    }
    for rest, payload in bad.values():
        hub.publish(topic(rest), payload)
    hub.publish(topic("terminals/T-1/telemetry", district="110101"), json.dumps([sample(1)]))
    hub.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(7)]))
    until_sync(lambda: count(ingest.database_url, "telemetry", "seq = 7") == 1)
    until_sync(lambda: count(ingest.database_url, "dead_letter_message") == len(bad) + 1)
    letters = rows(
        ingest.database_url,
        "SELECT outcome, e.reason, payload_bytes, length(payload)"
        " FROM dead_letter_message e JOIN dead_letter USING (dead_letter_id)",
    )
    assert sum(letter[0] == "quarantined" for letter in letters) == 3
    assert all(letter[1] for letter in letters)
    assert max(letter[2] for letter in letters) == 10_000_000
    assert max(letter[3] for letter in letters) <= 512 * 1024
    assert count(ingest.database_url, "telemetry") == 1
    assert count(ingest.database_url, "inbox") == 0
    assert count(ingest.database_url, "evidence") == 0


def test_detections_of_a_camera_that_is_not_the_edge_nodes_own_are_quarantined(
    ingest: RunningIngest, as_user: Login
) -> None:
    golden = json.loads((EXAMPLES / "valid" / "edge_detections" / "new.json").read_text("utf-8"))
    hub, payload = as_user(*HUB), json.dumps(golden["payload"])
    for camera_id in ("C-9", "T-1", "C-1"):
        hub.publish(topic(f"edges/E-1/detections/{camera_id}"), payload)
    until_sync(lambda: count(ingest.database_url, "inbox", "tail = 'C-1'") == 1)
    until_sync(lambda: count(ingest.database_url, "dead_letter") == 2)
    letters = rows(ingest.database_url, "SELECT outcome, reason FROM dead_letter ORDER BY reason")
    assert letters == [
        ("quarantined", "C-9 is no camera of E-1"),
        ("quarantined", "T-1 is no camera of E-1"),
    ]
    assert count(ingest.database_url, "inbox") == 1


def test_a_photo_is_stored_by_its_hash_before_the_row_that_names_it(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    terminal = as_user("T-1", passwords["T-1"])
    for _ in range(2):
        terminal.publish(topic(f"terminals/T-1/evidence/{sha256}"), data)
    until_sync(lambda: count(ingest.database_url, "inbox") == 1)
    assert rows(ingest.database_url, "SELECT sha256, width, height FROM evidence") == [
        (sha256, 64, 48)
    ]
    assert open_evidence(ingest.evidence_url).get(sha256) == data


def test_what_comes_while_ingest_is_down_is_kept_by_the_broker(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 1)
    ingest.end()
    for seq in range(1, 51):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    ingest.start()
    until_sync(lambda: count(ingest.database_url, "telemetry") == 51)


def test_nothing_is_acknowledged_while_the_database_refuses_and_all_arrives_after(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str], server_url: str
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 1)
    name = ingest.database_url.partition("/test_")[2].partition("?")[0]
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE test_{name} ALLOW_CONNECTIONS false".encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (f"test_{name}",),
        )
        for seq in range(1, 21):
            terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
        admin.execute(f"ALTER DATABASE test_{name} ALLOW_CONNECTIONS true".encode())
    until_sync(lambda: count(ingest.database_url, "telemetry") == 21)


def test_a_broker_restart_loses_nothing(
    ingest: RunningIngest, broker: Mosquitto, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 1)
    broker.stop()
    broker.start()
    for seq in range(1, 21):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 21, within_s=60)


def test_ingest_asks_devices_to_speak_again_whenever_it_listens_anew(
    ingest: RunningIngest, broker: Mosquitto, as_user: Login
) -> None:
    births: list[str] = []
    hub = as_user(*HUB).client
    hub.on_message = lambda _client, _data, message: births.append(
        json.loads(message.payload)["started_at"]
    )
    hub.on_connect = lambda client, *_: client.subscribe(hub_status("530303"), qos=1)
    hub.subscribe(hub_status("530303"), qos=1)
    until_sync(lambda: len(births) == 1)
    ingest.end()
    ingest.start()
    until_sync(lambda: len(set(births)) == 2)
    broker.kill()
    broker.start()
    until_sync(lambda: len(set(births)) == 3)


def test_a_text_with_a_nul_is_refused_and_hurts_nobody(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str], tmp_path: Path
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    event = {
        "event_id": str(uuid.uuid4()),
        "type": "report",
        "observed_at": "2025-08-07T15:19:00+08:00",
        "text": "a\x00b",
    }
    terminal.publish(topic("terminals/T-1/events"), json.dumps(event))
    terminal.publish(topic("terminals/T-1/events"), json.dumps(event | {"text": "ok"}))
    until_sync(lambda: count(ingest.database_url, "inbox") == 1)
    until_sync(lambda: count(ingest.database_url, "dead_letter", "outcome = 'malformed'") == 1)


def test_a_device_that_sends_garbage_again_and_again_is_one_dead_letter_with_a_count(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    for n in range(300):
        bad = sample(n, lat=95 + n)
        terminal.client.publish(topic("terminals/T-1/telemetry"), json.dumps([bad]), qos=1)
    until_sync(lambda: refused(ingest.database_url) == [(300,)])
    assert count(ingest.database_url, "dead_letter_message") == 5


def test_events_that_break_the_contract_are_kept_all_of_them(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    for n in range(11):
        event = {"event_id": str(uuid.uuid4()), "type": "report", "text": f"{n}" + "x" * 3000}
        terminal.publish(topic("terminals/T-1/events"), json.dumps(event))
    until_sync(lambda: refused(ingest.database_url) == [(11,)])
    assert count(ingest.database_url, "dead_letter_message", "device_id = 'T-1'") == 11


def test_detections_of_an_own_node_that_are_put_aside_are_kept_all_of_them(
    ingest: RunningIngest, as_user: Login
) -> None:
    golden = json.loads((EXAMPLES / "valid" / "edge_detections" / "new.json").read_text("utf-8"))
    hub = as_user(*HUB)
    for seq in range(1, 12):
        hub.publish(topic("edges/E-1/detections/C-9"), json.dumps(golden["payload"] | {"seq": seq}))
    until_sync(lambda: refused(ingest.database_url) == [(11,)])
    assert count(ingest.database_url, "dead_letter_message", "device_id = 'E-1'") == 11


def refused(url: str) -> list[tuple[int]]:
    return rows(url, "SELECT messages FROM dead_letter")


def test_a_database_that_only_reads_is_waited_out(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str], server_url: str
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    name = ingest.database_url.partition("/test_")[2].partition("?")[0]
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE test_{name} SET default_transaction_read_only = on".encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (f"test_{name}",),
        )
        before = retries()
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(1)]))
        until_sync(lambda: retries() > before)
        admin.execute(f"ALTER DATABASE test_{name} RESET default_transaction_read_only".encode())
        until_sync(lambda: count(ingest.database_url, "telemetry") == 1)


def retries() -> float:
    return REGISTRY.get_sample_value("patrolhub_ingest_retries_total") or 0.0


def test_samples_that_come_again_among_new_ones_are_told_apart(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    for first in range(0, 40, 3):
        again = json.dumps([sample(n) for n in range(first, first + 5)])
        terminal.publish(topic("terminals/T-1/telemetry"), again)
    until_sync(lambda: count(ingest.database_url, "telemetry", "seq = 43") == 1)
    assert count(ingest.database_url, "telemetry") == 44
    assert count(ingest.database_url, "dead_letter") == 0


def test_an_sos_does_not_wait_for_the_evidence_store_and_the_photo_comes_when_it_is_back(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal, data = as_user("T-1", passwords["T-1"]), jpeg()
    folder = Path(ingest.evidence_url.removeprefix("file://"))
    sha256 = hashlib.sha256(data).hexdigest()
    in_the_way = folder / sha256[:2]
    in_the_way.write_text("no folder")
    terminal.publish(topic(f"terminals/T-1/evidence/{sha256}"), data)
    sos = {
        "event_id": str(uuid.uuid4()),
        "type": "sos",
        "observed_at": "2025-08-07T15:19:00+08:00",
    }
    terminal.publish(topic("terminals/T-1/events"), json.dumps(sos))
    until_sync(lambda: count(ingest.database_url, "inbox", "leaf = 'events'") == 1)
    assert count(ingest.database_url, "evidence") == 0
    in_the_way.unlink()
    until_sync(lambda: count(ingest.database_url, "evidence") == 1)
    assert open_evidence(ingest.evidence_url).get(sha256) == data


def test_a_removed_evidence_folder_is_not_made_again_and_photos_wait_for_it(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str], capfd
) -> None:
    terminal, data = as_user("T-1", passwords["T-1"]), jpeg()
    folder = Path(ingest.evidence_url.removeprefix("file://"))
    sha256 = hashlib.sha256(data).hexdigest()
    folder.rmdir()
    terminal.publish(topic(f"terminals/T-1/evidence/{sha256}"), data)
    until_sync(lambda: str(folder) in capfd.readouterr().out)
    assert not folder.exists()
    assert count(ingest.database_url, "evidence") == 0
    folder.mkdir()
    until_sync(lambda: count(ingest.database_url, "evidence") == 1)
    assert open_evidence(ingest.evidence_url).get(sha256) == data


def test_an_instance_that_leaves_stores_what_waits_for_it_and_gets_no_more(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    second = replace(ingest, instance="second", stop=threading.Event(), thread=None)
    second.start()
    second.end()
    for seq in range(40):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") >= 20)
    assert count(ingest.database_url, "telemetry") < 40, "the broker keeps half for the second"
    second.start(leaving=True)
    assert second.thread is not None
    second.thread.join(WITHIN_S)
    assert not second.thread.is_alive()
    assert count(ingest.database_url, "telemetry") == 40
    for seq in range(40, 80):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 80)
