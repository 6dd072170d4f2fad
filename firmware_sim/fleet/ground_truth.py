"""The ground truth about an exercise, as files that any program can read.

| file | what | the same for the same seed and beginning |
|---|---|---|
| `exercise.json` | what was asked for | yes |
| `samples-N.csv` | every sample that a terminal recorded, by its key | yes |
| `events-N.csv` | every event | yes |
| `faults-N.csv` | every fault, and when it struck | yes |
| `taken-N.csv` | what the broker acknowledged | no: the network decides |

N is the number of a process. Every file begins with a line of column names.
"""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from pydantic import TypeAdapter

from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.journey import Booted, Happened, LineBack, LineLost, Recorded, Step
from wire.messages import Sample

EXERCISE: TypeAdapter[Exercise] = TypeAdapter(Exercise)


class SampleRow(NamedTuple):
    device_id: str
    boot_id: str
    seq: int
    observed_at: str
    lon: float
    lat: float


class EventRow(NamedTuple):
    device_id: str
    event_id: str
    type: str
    observed_at: str


class FaultRow(NamedTuple):
    """`detail`: the boot id of a boot, the seq of a duplicate, the SHA-256 of garbage, a clock's seconds."""

    device_id: str
    at_s: float
    fault: str
    detail: str


class TakenRow(NamedTuple):
    """`kind` is sample, event or garbage; `key` the seq, event id or SHA-256; `topic` the leaf."""

    device_id: str
    kind: str
    boot_id: str
    key: str
    topic: str
    at: str


COLUMNS = {
    "samples": SampleRow._fields,
    "events": EventRow._fields,
    "faults": FaultRow._fields,
    "taken": TakenRow._fields,
}


class _Sheet(Protocol):
    def writerow(self, row: tuple[object, ...], /) -> object: ...


class GroundTruthWriter:
    """Written by one process; a context manager that closes all files."""

    def __init__(self, folder: Path, part: int) -> None:
        self._folder = folder
        self._part = part
        self._files = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._samples, self._events, self._faults, self._taken = map(self._open, COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def step(self, device_id: str, step: Step) -> None:
        """Write a step of a terminal's journey."""
        match step:
            case Recorded(at_s, sample, garbage, twice):
                at = sample.observed_at.isoformat()
                row = SampleRow(device_id, sample.boot_id, sample.seq, at, sample.lon, sample.lat)
                self._samples.writerow(row)
                if twice:
                    self.fault(device_id, at_s, "duplicate", str(sample.seq))
                if garbage is not None:
                    self.fault(device_id, at_s, "garbage", digest(garbage))
            case Happened(_, event):
                at = event.observed_at.isoformat()
                self._events.writerow(EventRow(device_id, event.event_id, event.type, at))
            case LineLost(at_s, why):
                self.fault(device_id, at_s, why, "")
            case LineBack(at_s):
                self.fault(device_id, at_s, "line_back", "")
            case Booted(at_s, boot_id):
                self.fault(device_id, at_s, "booted", boot_id)

    def fault(self, device_id: str, at_s: float, fault: str, detail: str) -> None:
        self._faults.writerow(FaultRow(device_id, at_s, fault, detail))

    def took_sample(self, device_id: str, topic: str, sample: Sample) -> None:
        self._took(device_id, "sample", sample.boot_id, str(sample.seq), topic)

    def took(self, device_id: str, kind: str, key: str, topic: str) -> None:
        self._took(device_id, kind, "", key, topic)

    def _took(self, device_id: str, kind: str, boot_id: str, key: str, topic: str) -> None:
        at = datetime.now(UTC).isoformat()
        self._taken.writerow(TakenRow(device_id, kind, boot_id, key, topic, at))

    def _open(self, name: str) -> _Sheet:
        path = self._folder / f"{name}-{self._part}.csv"
        file = self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(file)
        writer.writerow(COLUMNS[name])
        return writer


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def write_exercise(folder: Path, exercise: Exercise) -> None:
    """Begin a truth folder; the files of an earlier exercise are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COLUMNS:
        for earlier in folder.glob(f"{name}-*.csv"):
            earlier.unlink()
    (folder / "exercise.json").write_bytes(EXERCISE.dump_json(exercise, indent=1) + b"\n")


def read_exercise(folder: Path) -> Exercise:
    return EXERCISE.validate_json((folder / "exercise.json").read_bytes())


def read_rows(folder: Path, name: str) -> Iterator[list[str]]:
    """The rows of all processes; the columns are those of COLUMNS[name]."""
    for path in sorted(folder.glob(f"{name}-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            yield from rows
