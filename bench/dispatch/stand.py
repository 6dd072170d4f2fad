"""A hub to measure, as the demo runs it, and its terminals in one process beside it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from bench import processes
from bench.dispatch.places import DrawnPlace
from bench.dispatch.signals import CAMERAS, EDGE, PHOTO, DrawnSignal, ReportedCondition
from bench.dispatch.terminals import Crowd, PostedTerminal
from deploy.local import stack as local
from deploy.local.processes import Process
from deploy.local.stack import HUB_USER, Options, Stack
from firmware_sim.fleet import descriptors
from hub.db import load_queries

SQL = load_queries(__file__)
_BROKER_SAVES_EVERY_S = 30
_LOOK_EVERY_S = 0.1
PARTS = ("ingest", "worker", "database", "broker", "terminals")


class NotReached(RuntimeError):
    """Something did not come about; the message says what, and how far it got."""


@dataclass(frozen=True)
class Manners:
    """How terminals behave: see `bench.dispatch.terminals.Crowd`."""

    interval_s: float = 10.0
    accept_s: float = 5.0
    guard_s: float = 20.0


class Terminals:
    """The process that plays all terminals. A context manager that leaves nothing behind."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.connected = self.said = 0
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "bench.dispatch.terminals"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._tell(crowd.as_json())

    def say(self, signals: Sequence[DrawnSignal], per_s: float) -> None:
        """Send signals from now on; returns at once."""
        said = [signal.as_json() for signal in signals]
        self._tell(json.dumps({"say": said, "per_s": per_s}))

    def stop_answering(self) -> None:
        """Orders that come from now on are not even confirmed."""
        self._tell(json.dumps({"answer": False}))

    def arrivals(self) -> dict[int, float]:
        """When the first guard of each case came to its terminal; up to half a second old."""
        first: dict[int, float] = {}
        for line in self.crowd.arrivals.read_text(encoding="utf-8").splitlines():
            case_id, type_, at = line.split()
            if type_ == "guard":
                first.setdefault(int(case_id), float(at))
        return first

    def stop(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        try:
            self.popen.wait(20)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self._listener.join()

    def _tell(self, line: str) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def _listen(self) -> None:
        assert self.popen.stdout is not None
        with self.popen.stdout as lines:
            for line in lines:
                told = json.loads(line)
                self.connected, self.said = told["connected"], told["said"]


class Stand:
    """Database, broker and ingest run; workers are started and stopped by what is measured."""

    def __init__(self, stack: Stack, db: Connection[TupleRow], ingest: Process) -> None:
        self.stack = stack
        self.db = db
        self._ingest = ingest
        self._workers: list[Process] = []
        self._terminals: Terminals | None = None

    @property
    def terminals(self) -> Terminals:
        assert self._terminals is not None
        return self._terminals

    def people(self) -> list[PostedTerminal]:
        """The district's terminals, each where its holder works."""
        folder = self.stack.district_folder
        passwords = json.loads((folder / "credentials.json").read_text(encoding="utf-8"))
        rows = json.loads((folder / "devices.json").read_text(encoding="utf-8"))
        return [
            PostedTerminal(row["device_id"], passwords[row["device_id"]], *row["place"])
            for row in rows
            if row["kind"] == "terminals"
        ]

    def matters(self) -> list[ReportedCondition]:
        """What reports may be about."""
        return [ReportedCondition(*row) for row in self.db.execute(SQL["matters"])]

    @contextmanager
    def workers(self, count: int = 1) -> Iterator[None]:
        """So many worker processes, ended afterwards."""
        names = [f"worker-{number}" for number in range(1, count + 1)]
        environment = self.stack.hub_environment()
        self._workers = [
            self.stack.start_process(name, ["hub", "worker"], environment) for name in names
        ]
        try:
            for worker in self._workers:
                worker.wait_until_ready()
            yield
        finally:
            for worker in self._workers:
                worker.stop()

    @contextmanager
    def crowd(self, manners: Manners, within_s: float) -> Iterator[Terminals]:
        """Everybody connected, placed and announced. Raises NotReached."""
        people = self.people()
        self._terminals = Terminals(self._crowd(people, manners))
        try:
            self.until(
                lambda: self.terminals.connected == self.number("placed") == len(people),
                within_s,
                lambda: f"{self.terminals.connected} of {len(people)} terminals are connected",
            )
            yield self._terminals
        finally:
            self._terminals.stop()

    def number(
        self, query: str, parameters: Sequence[object] | Mapping[str, object] | None = None
    ) -> int:
        """What a query counts."""
        row = self.db.execute(SQL[query], parameters).fetchone()
        assert row is not None
        return int(row[0])

    def clock(self) -> float:
        """Seconds, to be compared with each other."""
        return time.monotonic()

    def rest(self, seconds: float) -> None:
        """Let what is on its way arrive."""
        time.sleep(seconds)

    def is_idle(self) -> bool:
        """Nothing waits in the inbox or in the outbox."""
        return self.db.execute(SQL["at_work"]).fetchone() == (0, 0)

    def clear(self) -> None:
        """End everything that is under way, while no worker runs."""
        self.db.execute(SQL["clear"])

    def busy_s(self) -> dict[str, float]:
        """Processor seconds so far, by who spent them."""
        pids = (
            [self._ingest.pid],
            [worker.pid for worker in self._workers],
            processes.family(self._postmaster()),
            [self.stack.broker.pid],
            [self.terminals.popen.pid],
        )
        return {who: processes.busy_s(each) for who, each in zip(PARTS, pids, strict=True)}

    def until(
        self, condition: Callable[[], bool], within_s: float, how_far: Callable[[], str]
    ) -> None:
        """Raises NotReached."""
        if not self.waited(condition, within_s):
            raise NotReached(f"not in {within_s:.0f} s: {how_far()}")

    def waited(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait for a condition; whether it came about in time."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def _crowd(self, people: list[PostedTerminal], manners: Manners) -> Crowd:
        broker = self.stack.broker
        return Crowd(
            port=broker.device_port,
            hub_port=broker.port,
            hub_login=(HUB_USER, self.stack.hub_password),
            people=people,
            interval_s=manners.interval_s,
            accept_s=manners.accept_s,
            guard_s=manners.guard_s,
            arrivals=self.stack.folder / "arrivals",
        )

    def _postmaster(self) -> int:
        file = self.stack.folder / "pgdata" / "postmaster.pid"
        return int(file.read_text(encoding="utf-8").splitlines()[0])


def spots(people: Sequence[PostedTerminal]) -> list[DrawnPlace]:
    """Where people stand."""
    return [DrawnPlace(person.lon, person.lat) for person in people]


@contextmanager
def standing(terminals: int, seed: int) -> Iterator[Stand]:
    """A stand with so many terminals registered, and a few cameras; gone afterwards.

    Raises TooFewDescriptors if the broker could not hold so many connections.
    """
    descriptors.allow(terminals)
    options = Options(
        terminals=terminals,
        cameras=0,
        seed=seed,
        parts=(),
        broker_saves_every_s=_BROKER_SAVES_EVERY_S,
        database_settings={"track_commit_timestamp": "on"},
    )
    with ExitStack() as stack:
        running = stack.enter_context(local.running(options))
        db = stack.enter_context(psycopg.connect(running.database_url, autocommit=True))
        prepare(db)
        ingest = running.start_process("ingest", ["hub", "ingest"], running.hub_environment())
        ingest.wait_until_ready()
        yield Stand(running, db, ingest)


def prepare(db: Connection[TupleRow]) -> None:
    """What the benchmark adds to a hub's database: its edge node, and a note of what comes in."""
    db.execute(SQL["note_arrivals"])
    db.execute(SQL["register_edge"], {"cameras": list(CAMERAS), "edge": EDGE})
    db.execute(SQL["store_photo"], (PHOTO,))
