"""A fleet as seen by its owner: started, observed, stopped. The work is done in other processes."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from firmware_sim.fleet import descriptors
from firmware_sim.fleet.counters import COUNTERS, FleetCounters, total
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.ground_truth import EXERCISE, write_exercise
from firmware_sim.fleet.share import SHARE, Share

_TERMINALS_PER_PROCESS = 1_000
_READY_WITHIN_S = 120.0
_GOODBYE_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.05


class FleetBroken(RuntimeError):
    """A process of the fleet ended by itself, or did not start; its output is on standard error."""


@dataclass(frozen=True)
class FleetOptions:
    """What to start, and where. `processes` 0: as many as the terminals need."""

    folder: Path
    credentials: Path
    host: str
    port: int
    truth: Path
    terminals: int
    processes: int = 0
    settle_s: float = 30.0

    @property
    def parts(self) -> int:
        needed = -(-self.terminals // _TERMINALS_PER_PROCESS)
        return self.processes or max(1, min(needed, 2 * (os.cpu_count() or 1)))

    def share(self, part: int) -> Share:
        return Share(
            self.folder,
            self.credentials,
            self.host,
            self.port,
            self.truth,
            self.terminals,
            part,
            self.parts,
            self.settle_s,
        )


class _Part:
    """One process, and its latest counters."""

    def __init__(self, share: Share) -> None:
        self.counters = FleetCounters()
        self.ready = threading.Event()
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "firmware_sim.fleet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.send(SHARE.dump_json(share))

    @property
    def is_over(self) -> bool:
        """It has ended, and all of its output has been read."""
        return self.popen.poll() is not None and not self._listener.is_alive()

    def send(self, line: bytes) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(line.decode() + "\n")
        self.popen.stdin.flush()

    def ask_to_end(self) -> None:
        """By closing its input, which a busy loop cannot miss, unlike a signal."""
        if self.popen.stdin is not None:
            self.popen.stdin.close()

    def end(self, within_s: float) -> None:
        """Wait for it to end as asked, and kill it if it takes too long."""
        try:
            self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self.popen.stdout is not None
        with self.popen.stdout as lines:
            for line in lines:
                self.counters = COUNTERS.validate_json(line)
                self.ready.set()


class Fleet:
    """The constructor does nothing; a context manager that leaves no process behind."""

    def __init__(self, options: FleetOptions) -> None:
        self._options = options
        self._parts: list[_Part] = []

    def start(self, exercise: Exercise, *, begins_now: bool = True) -> Exercise:
        """Start the processes and, once all are ready, the exercise; returns it as it began.

        `begins_now` puts its beginning to the instant at which all are ready. Raises FleetBroken,
        TooFewDescriptors.
        """
        descriptors.allow(self._options.terminals // self._options.parts + 1)
        self._parts = [_Part(self._options.share(part)) for part in range(self._options.parts)]
        self._wait_until(lambda: all(part.ready.is_set() for part in self._parts))
        if begins_now:
            exercise = replace(exercise, began_at=datetime.now(UTC))
        write_exercise(self._options.truth, exercise)
        for part in self._parts:
            part.send(EXERCISE.dump_json(exercise))
        return exercise

    def counters(self) -> FleetCounters:
        """Of all processes together, at most a second old."""
        return total(part.counters for part in self._parts)

    @property
    def pids(self) -> list[int]:
        return [part.popen.pid for part in self._parts]

    @property
    def is_over(self) -> bool:
        """Every process has ended. Raises FleetBroken if one ended badly."""
        if broken := [part.popen.returncode for part in self._parts if part.popen.poll()]:
            raise FleetBroken(f"a process of the fleet ended with status {broken[0]}")
        return all(part.is_over for part in self._parts)

    def stop(self) -> None:
        """Every terminal disconnects; a process that takes too long is killed."""
        for part in self._parts:
            part.ask_to_end()
        deadline = time.monotonic() + _GOODBYE_WITHIN_S
        for part in self._parts:
            part.end(max(0.1, deadline - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not condition():
            if self.is_over or time.monotonic() > deadline:
                raise FleetBroken("a process of the fleet did not start")
            time.sleep(_LOOK_EVERY_S)
