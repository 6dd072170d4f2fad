"""The project's own processes: started, watched, restarted when they die, and stopped in order."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LogListener = Callable[[str, dict[str, object]], None]
"""Called with a process's name and each JSON line that it writes."""


class DidNotStart(RuntimeError):
    """A process ended or stayed silent; the message shows the end of its log."""


class CommandFailed(RuntimeError):
    """A command ended with an error; the message shows its output."""


def run_command(arguments: Sequence[str], environment: Mapping[str, str], stdin: str = "") -> str:
    """Run `python -m ...` to its end and return its standard output. Raises CommandFailed."""
    done = subprocess.run(  # noqa: S603  our own modules
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip()[-2000:]
        raise CommandFailed(f"python -m {' '.join(arguments)} failed:\n{output}")
    return done.stdout


def follow_command(
    arguments: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None]
) -> None:
    """Run `python -m ...` to its end, telling each line of its output. Raises CommandFailed."""
    with subprocess.Popen(  # noqa: S603  our own modules
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        last: deque[str] = deque(maxlen=20)
        assert running.stdout is not None
        for line in running.stdout:
            last.append(line)
            on_line(line.strip())
    if running.returncode != 0:
        raise CommandFailed(f"python -m {' '.join(arguments)} failed:\n{''.join(last).strip()}")


@dataclass
class Process:
    """One `python -m ...` of ours. It is ready once it logs the event `started`."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log_path: Path
    on_line: LogListener | None = None
    restarts: int = 0
    _popen: subprocess.Popen[str] | None = None
    _ready: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False

    @property
    def pid(self) -> int:
        assert self._popen is not None
        return self._popen.pid

    def start(self) -> None:
        """Start it, and a thread that reads its lines; returns at once."""
        self._ready.clear()
        self._stopping = False
        self._popen = subprocess.Popen(  # noqa: S603  our own modules
            [sys.executable, "-m", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._popen,), daemon=True).start()

    def wait_until_ready(self, within_s: float = 60.0) -> None:
        """Return once it is ready. Raises DidNotStart."""
        deadline = time.monotonic() + within_s
        while not self._ready.wait(0.05):
            if self._popen is None or self._popen.poll() is not None:
                raise DidNotStart(f"{self.name} ended while starting:\n{self.log_end()}")
            if time.monotonic() > deadline:
                raise DidNotStart(
                    f"{self.name} was not ready in {within_s:.0f} s:\n{self.log_end()}"
                )

    def kill(self) -> None:
        """Kill -9."""
        assert self._popen is not None
        self._popen.kill()
        self._popen.wait()

    def stop(self, within_s: float = 10.0) -> None:
        """SIGTERM, and SIGKILL if that does not help."""
        self._stopping = True
        if self._popen is None or self._popen.poll() is not None:
            return
        self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def has_died(self) -> bool:
        """Whether it ended without being stopped."""
        return not self._stopping and self._popen is not None and self._popen.poll() is not None

    def log_end(self, lines: int = 15) -> str:
        """The last lines of its log."""
        if not self.log_path.exists():
            return "(no output)"
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def _read(self, popen: subprocess.Popen[str]) -> None:
        assert popen.stdout is not None
        with popen.stdout as lines, self.log_path.open("a", encoding="utf-8") as log:
            for line in lines:
                log.write(line)
                log.flush()
                self._handle(line)

    def _handle(self, line: str) -> None:
        if not line.startswith("{"):
            return
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            return
        if entry.get("event") == "started":
            self._ready.set()
        if self.on_line is not None:
            self.on_line(self.name, entry)


class Supervisor:
    """Starts processes again when they die, as systemd or an orchestrator would."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def add(self, process: Process) -> Process:
        """Start a process, and restart it when it dies."""
        process.start()
        self.processes[process.name] = process
        if not self._thread.is_alive():
            self._thread.start()
        return process

    def stop(self) -> None:
        """Stop all, the newest first."""
        self._stop.set()
        for process in reversed(self.processes.values()):
            process.stop()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            for process in list(self.processes.values()):
                if process.has_died() and not self._stop.is_set():
                    process.restarts += 1
                    self._stop.wait(min(0.2 * process.restarts, 3.0))
                    if not self._stop.is_set():
                        process.start()
