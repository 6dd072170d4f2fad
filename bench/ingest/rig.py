"""The system that is measured: broker, database, and the process that stores messages."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.ingest.load import DISTRICT, MessageLoad, terminal_id
from deploy.local.mosquitto import Mosquitto
from deploy.local.postgres import create_database, postgres
from deploy.local.processes import Process, run_command
from hub.devices.broker_files import write_broker_files
from wire.topics import Kind

HUB = "hub"
_WIDEST = Path("/proc/sys/net/core/wmem_max")
SAVES_EVERY_S = 30
"""As deploy/mosquitto/mosquitto.conf has it."""


@dataclass(frozen=True)
class Sent:
    """The generator's result: when its first message left and its last was acknowledged.

    `busy_s` is the processor time that it took between the two.
    """

    began: float
    ended: float
    busy_s: float


@dataclass
class Rig:
    """A broker and a database, in `folder`."""

    folder: Path
    broker: Mosquitto
    password: str
    database_url: str

    @property
    def postmaster(self) -> int:
        """The database's first process."""
        with psycopg.connect(self.database_url) as db:
            row = db.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        return int(row[0].split()[0])

    @property
    def evidence_url(self) -> str:
        return f"file://{self.folder / 'evidence'}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the hub's processes."""
        return {
            "PATROLHUB_DATABASE_URL": self.database_url,
            "PATROLHUB_DISTRICT": DISTRICT,
            "PATROLHUB_EVIDENCE_URL": self.evidence_url,
            "PATROLHUB_MQTT_PORT": str(self.broker.port),
            "PATROLHUB_MQTT_PASSWORD": self.password,
        }

    def ingest(self, instance: str = "1") -> Process:
        """One ingest process, not started yet."""
        arguments = ["hub", "ingest", "--instance", instance]
        return self._process(f"ingest-{instance}", arguments, self.environment)

    def dismiss(self, instance: str) -> None:
        """End the subscription of an ingest process that has stopped."""
        run_command(["hub", "ingest", "--instance", instance, "--leave"], self.environment)

    def worker(self) -> Process:
        """A worker process, not started yet."""
        return self._process("worker", ["hub", "worker"], self.environment)

    def usual(self) -> Process:
        """The usual script, not started yet."""
        login = [str(self.broker.port), HUB, self.password, self.database_url]
        return self._process("usual", ["bench.ingest.usual", *login], {})

    def send(self, load: MessageLoad, times: Path | None = None) -> Sent:
        """Run the generator: returns once the broker has acknowledged everything."""
        arguments = [str(self.broker.port), HUB, self.password, load.as_json()]
        arguments += [str(times)] if times else []
        with subprocess.Popen(
            [sys.executable, "-m", "bench.ingest.generator", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as generator:
            assert generator.stdin is not None
            assert generator.stdout is not None
            if generator.stdout.readline() != "ready\n":
                raise RuntimeError("the generator did not get ready; its output is above")
            generator.stdin.write("go\n")
            generator.stdin.flush()
            output = generator.stdout.readline()
        if not output:
            raise RuntimeError("the generator gave up; its output is above")
        return Sent(**json.loads(output))

    def clear(self) -> None:
        """Empty the table and checkpoint, so that every run begins in the same state."""
        with psycopg.connect(self.database_url, autocommit=True) as db:
            db.execute("TRUNCATE telemetry")
            db.execute("CHECKPOINT")

    def _process(self, name: str, arguments: list[str], environment: dict[str, str]) -> Process:
        return Process(name, arguments, environment, self.folder / f"{name}.log")


@contextmanager
def rigs(count: int, terminals: int) -> Iterator[list[Rig]]:
    """Several rigs over one PostgreSQL, as in production, except that it keeps commit times."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrolhub-bench-")))
        with postgres(folder / "pgdata") as url, psycopg.connect(url, autocommit=True) as db:
            db.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        server_url = stack.enter_context(postgres(folder / "pgdata"))
        yield [
            stack.enter_context(_rig(folder / f"rig-{number}", server_url, terminals))
            for number in range(count)
        ]


@contextmanager
def _rig(folder: Path, server_url: str, terminals: int) -> Iterator[Rig]:
    password = secrets.token_urlsafe(12)
    write_broker_files(folder, [], {}, (HUB, password))
    url = create_database(server_url, folder.name.replace("-", "_"))
    rig = Rig(folder, Mosquitto(folder, saves_every_s=SAVES_EVERY_S), password, url)
    run_command(["hub", "migrate"], rig.environment)
    register(url, terminals)
    rig.broker.start()
    try:
        yield rig
    finally:
        rig.broker.stop()


def register(url: str, terminals: int) -> None:
    """Put terminals into a database's registry."""
    with psycopg.connect(url) as db:
        db.cursor().executemany(
            "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
            " VALUES (%s, %s, '', '', now())",
            [(terminal_id(number), str(Kind.TERMINAL)) for number in range(terminals)],
        )


def setting_lines() -> dict[str, str]:
    """The settings of broker and database, for readers of the figures."""
    return {
        "broker": f"Mosquitto, saves its state every {SAVES_EVERY_S} s as in production",
        "database": "embedded PostgreSQL as installed: fsync and synchronous_commit are on",
        "sockets": f"net.core.wmem_max {_WIDEST.read_text().strip()}: so far may ingest be ahead",
    }


def load_average() -> float:
    """How busy the machine is, over the last minute."""
    return round(os.getloadavg()[0], 1)
