"""Ingest against a real broker and a real database: stored, refused or held, and never lost."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psycopg

from deploy.local.mosquitto import Mosquitto
from hub.evidence import open_evidence
from tests.integration.hub.conftest import HUB, Publisher, RunningIngest, eventually

Login = Callable[[str, str], Publisher]


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
    eventually(lambda: count(ingest.database_url, "telemetry", "seq = 99") == 1)
    assert count(ingest.database_url, "telemetry") == 6


def test_the_live_position_moves_only_forward_and_backlog_never_moves_it(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    fixes = [
        ("telemetry", sample(1, "2025-08-07T15:19:00+08:00", lon=103.81)),
        ("telemetry", sample(2, "2025-08-07T15:18:00+08:00", lon=103.82)),
        ("backlog", sample(3, "2025-08-07T15:30:00+08:00", lon=103.83)),
    ]
    for leaf, fix in fixes:
        terminal.publish(topic(f"terminals/T-1/{leaf}"), json.dumps([fix]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 3)
    assert rows(ingest.database_url, "SELECT lon FROM terminal_live") == [(103.81,)]


def test_a_clock_far_ahead_is_flagged_and_does_not_freeze_the_live_position(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    ahead = sample(1, "2099-01-01T00:00:00+08:00", lon=103.81)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([ahead]))
    eventually(lambda: count(ingest.database_url, "terminal_live", "clock_ahead") == 1)
    ahead = sample(2, "2099-01-01T00:00:05+08:00", lon=103.82)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([ahead]))
    eventually(lambda: count(ingest.database_url, "terminal_live", "lon = 103.82") == 1)


def test_gcj02_positions_are_stored_as_wgs84_with_their_source_kept(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    shifted = sample(1, lon=103.8219863, lat=25.5969165, crs="gcj02")
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([shifted]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 1)
    ((lon, lat, crs),) = rows(ingest.database_url, "SELECT lon, lat, crs FROM telemetry")
    assert (round(lon, 5), round(lat, 5), crs) == (103.82, 25.6, "gcj02")


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
    eventually(lambda: count(ingest.database_url, "telemetry", "seq = 7") == 1)
    eventually(lambda: count(ingest.database_url, "dead_letter") == len(bad) + 1)
    letters = rows(
        ingest.database_url,
        "SELECT outcome, reason, payload_bytes, length(payload) FROM dead_letter",
    )
    assert sum(letter[0] == "quarantined" for letter in letters) == 3
    assert all(letter[1] for letter in letters)
    assert max(letter[2] for letter in letters) == 10_000_000
    assert max(letter[3] for letter in letters) <= 64 * 1024
    assert count(ingest.database_url, "telemetry") == 1
    assert count(ingest.database_url, "inbox") == 0
    assert count(ingest.database_url, "evidence") == 0


def test_a_photo_is_stored_by_its_hash_before_the_row_that_names_it(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    terminal = as_user("T-1", passwords["T-1"])
    for _ in range(2):
        terminal.publish(topic(f"terminals/T-1/evidence/{sha256}"), data)
    eventually(lambda: count(ingest.database_url, "inbox") == 1)
    assert rows(ingest.database_url, "SELECT sha256, width, height FROM evidence") == [
        (sha256, 64, 48)
    ]
    assert open_evidence(ingest.evidence_url).get(sha256) == data


def test_what_comes_while_ingest_is_down_is_kept_by_the_broker(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 1)
    ingest.end()
    for seq in range(1, 51):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    ingest.start()
    eventually(lambda: count(ingest.database_url, "telemetry") == 51)


def test_nothing_is_acknowledged_while_the_database_refuses_and_all_arrives_after(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str], server_url: str
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 1)
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
    eventually(lambda: count(ingest.database_url, "telemetry") == 21)


def test_a_broker_restart_loses_nothing(
    ingest: RunningIngest, broker: Mosquitto, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(0)]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 1)
    broker.stop()
    broker.start()
    began = time.monotonic()
    for seq in range(1, 21):
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([sample(seq)]))
    eventually(lambda: count(ingest.database_url, "telemetry") == 21, within_s=40)
    assert time.monotonic() - began < 40


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
    eventually(lambda: count(ingest.database_url, "inbox") == 1)
    eventually(lambda: count(ingest.database_url, "dead_letter", "outcome = 'malformed'") == 1)
