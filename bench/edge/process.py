"""A whole node as a process, `python -m edge run`, its broker unreachable."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.database import Durability, connect
from edge.outbox import OutboxTable
from wire import topics
from wire.messages import EdgeHealth
from wire.topics import Leaf

_ROOT = Path(__file__).parents[2]
_NO_BROKER = "1"
"""A port on which nobody listens."""
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_MESSAGES = 100_000


@dataclass(frozen=True)
class NodeProcess:
    """A node that runs, and where it keeps its data."""

    pid: int
    data: Path

    def health(self) -> EdgeHealth | None:
        """The last report, which waits in the outbox; None before the first."""
        if not (self.data / "edge.db").exists():
            return None
        with closing(connect(self.data / "edge.db", Durability.NORMAL)) as connection:
            waiting = OutboxTable(connection, 0).after(0, _MESSAGES)
        reports = [
            one.message.payload
            for one in waiting
            if topics.parse(one.message.topic).leaf is Leaf.HEALTH
        ]
        return EdgeHealth.model_validate_json(reports[-1]) if reports else None

    def cpu_s(self) -> float:
        """Processor time that it has had."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def memory_mb(self, figure: str) -> float:
        """VmRSS: what it has now; VmHWM: the most that it has had."""
        return int(self._status(figure)) / 1024

    def threads(self) -> int:
        return int(self._status("Threads"))

    def open_files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def _status(self, name: str) -> str:
        lines = self._read("status").splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))

    def _read(self, name: str) -> str:
        return Path(f"/proc/{self.pid}/{name}").read_text(encoding="ascii")


@contextmanager
def node(
    folder: Path, cameras: Sequence[dict[str, object]], model_dir: Path
) -> Iterator[NodeProcess]:
    """A node that watches these cameras and keeps all it has in `folder`; killed at the end."""
    (folder / "cameras.json").write_text(json.dumps(cameras), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", "run"],
        cwd=_ROOT,
        env=_environ(folder, model_dir),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield NodeProcess(process.pid, folder / "data")
    finally:
        process.kill()
        process.wait()


def _environ(folder: Path, model_dir: Path) -> dict[str, str]:
    own = {
        "EDGE_ID": "E-01",
        "DISTRICT": "530303",
        "MQTT_PASSWORD": "none",
        "MQTT_PORT": _NO_BROKER,
        "CAMERAS": str(folder / "cameras.json"),
        "DATA_DIR": str(folder / "data"),
        "MODEL_DIR": str(model_dir.resolve()),
        "HEALTH_EVERY_S": "1",
    }
    others = {
        name: value for name, value in os.environ.items() if not name.startswith("PATROLHUB_")
    }
    return others | {f"PATROLHUB_EDGE_{name}": value for name, value in own.items()}
