"""One load at a time: how fast it was stored, how long each message waited, and what is missing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import numpy as np
import psycopg

from bench.ingest.load import MessageLoad, message_number
from bench.ingest.rig import Rig
from bench.processes import busy_s, family
from deploy.local.processes import Process

_STUCK_S = 30.0

_STORED = b"SELECT count(*) FROM telemetry WHERE boot_id = %s"
_COUNTS = b"""
SELECT count(*), count(DISTINCT (device_id, seq)),
       extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::float8
FROM telemetry WHERE boot_id = %s
"""
_COMMITS = b"""
SELECT device_id, seq, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
FROM telemetry WHERE boot_id = %s
"""


class Stuck(RuntimeError):
    """Messages are missing, and no more arrive."""


@dataclass(frozen=True, slots=True)
class Round:
    """One load: its rate from the first byte sent to the last commit, and what went wrong.

    `cpu_us` is the processor time per message, by process; a busy machine disturbs it less than the
    rate.
    """

    messages_per_s: float
    samples_per_s: float
    cpu_us: dict[str, float]
    lost: int
    duplicated: int


@dataclass(frozen=True, slots=True)
class Delays:
    """From the time at which a message was due to the commit of the transaction that stores it."""

    p50_ms: float
    p99_ms: float
    most_ms: float


def throughput(rig: Rig, storing: Sequence[Process], load: MessageLoad) -> Round:
    """Send all that the broker takes, and wait until it is stored."""
    rig.clear()
    before = _busy_s(rig, storing)
    sent = rig.send(load)
    _wait_until_stored(rig, load)
    after = _busy_s(rig, storing) | {"generator": sent.busy_s}
    rows, distinct, committed = _counts(rig, load)
    took_s = committed - sent.began
    return Round(
        messages_per_s=load.messages / took_s,
        samples_per_s=load.messages * load.samples / took_s,
        cpu_us={
            who: round((busy_s - before.get(who, 0.0)) / load.messages * 1e6, 1)
            for who, busy_s in after.items()
        },
        lost=load.messages * load.samples - distinct,
        duplicated=rows - distinct,
    )


def _busy_s(rig: Rig, storing: Sequence[Process]) -> dict[str, float]:
    """Processor seconds so far."""
    return {
        "broker": busy_s([rig.broker.pid]),
        "database": busy_s(family(rig.postmaster)),
        "storing": busy_s(process.pid for process in storing),
    }


def delays(rig: Rig, load: MessageLoad) -> Delays:
    """Send at a fixed rate, one sample a message, and compare each message's two times."""
    rig.clear()
    file = rig.folder / "due_at"
    rig.send(load, file)
    _wait_until_stored(rig, load)
    due_at = np.fromfile(file)
    with psycopg.connect(rig.database_url) as db:
        rows = db.execute(_COMMITS, (load.boot_id,)).fetchall()
    waits = [
        (committed - float(due_at[message_number(load, device_id, seq)])) * 1000
        for device_id, seq, committed in rows
    ]
    percentiles = quantiles(waits, n=100)
    return Delays(percentiles[49], percentiles[98], max(waits))


def limit(rig: Rig, load: MessageLoad) -> float:
    """Messages per second of generator and broker without subscribers."""
    sent = rig.send(load)
    return load.messages / (sent.ended - sent.began)


def _wait_until_stored(rig: Rig, load: MessageLoad) -> None:
    expected = load.messages * load.samples
    stored, progress_at = -1, time.monotonic()
    while (now_stored := _stored(rig, load)) < expected:
        if now_stored > stored:
            stored, progress_at = now_stored, time.monotonic()
        elif time.monotonic() - progress_at > _STUCK_S:
            logs = ", ".join(str(path) for path in sorted(rig.folder.glob("*.log")))
            raise Stuck(f"{stored} of {expected} samples are stored, and no more come; see {logs}")
        time.sleep(0.5)


def _stored(rig: Rig, load: MessageLoad) -> int:
    with psycopg.connect(rig.database_url) as db:
        row = db.execute(_STORED, (load.boot_id,)).fetchone()
    assert row is not None
    return int(row[0])


def _counts(rig: Rig, load: MessageLoad) -> tuple[int, int, float]:
    """Rows, different samples, and the time of the last commit."""
    with psycopg.connect(rig.database_url) as db:
        row = db.execute(_COUNTS, (load.boot_id,)).fetchone()
    assert row is not None
    return row[0], row[1], row[2] or 0.0
