"""What is killed, and how it comes back: in production by systemd or an orchestrator, here by this code."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.crash.database import Database
from deploy.local.mosquitto import Mosquitto
from deploy.local.processes import Process, Supervisor

_FELT_WITHIN_S = 20.0


@dataclass(frozen=True)
class Victim:
    """`strike` harms it; `revive` returns once it is back, or at once if it comes back by itself."""

    strike: Callable[[], None]
    revive: Callable[[], None]


def process_victim(process: Process) -> Victim:
    """One of the hub's processes, which its supervisor starts again."""
    return Victim(process.kill, lambda: None)


def broker_victim(broker: Mosquitto) -> Victim:
    """Mosquitto, which loses whatever it had not saved."""
    return Victim(broker.kill, broker.start)


def database_victim(database: Database) -> Victim:
    """All of PostgreSQL, in the middle of its writes."""
    return Victim(database.kill, database.start)


def disk_victim(database: Database, ingest_log: Path) -> Victim:
    """The database's disk is full until ingest notices, or that takes too long."""

    def strike() -> None:
        seen = outages(ingest_log)
        database.fill()
        deadline = time.monotonic() + _FELT_WITHIN_S
        while outages(ingest_log) == seen and time.monotonic() < deadline:
            time.sleep(0.1)

    def revive() -> None:
        database.drain()
        database.start()

    return Victim(strike, revive)


def outages(ingest_log: Path) -> int:
    """How often ingest has logged that storage was unavailable."""
    if not ingest_log.exists():
        return 0
    return ingest_log.read_text(errors="replace").count('"storage_unavailable"')


@contextmanager
def supervised(*processes: Process) -> Iterator[None]:
    """Processes that restart when they die, stopped afterwards."""
    supervisor = Supervisor()
    try:
        for process in processes:
            supervisor.add(process).wait_until_ready()
        yield
    finally:
        supervisor.stop()
