"""The resources that processes have used so far, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def busy_s(pids: Iterable[int]) -> float:
    """Processor seconds of these processes, and of children of theirs that have ended."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in pids) / _TICKS_PER_S


def family(pid: int) -> list[int]:
    """A process and its children, without theirs."""
    children = [int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(path) == pid]
    return [pid, *children]


def rss_mb(pids: Iterable[int]) -> float:
    """Resident memory, shared pages counted for each."""
    return sum(_rss_kb(pid) for pid in pids) / 1024


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may hold anything (proc(5))."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _parent(path: Path) -> int:
    fields = _stat(int(path.name))
    return int(fields[1]) if fields else -1


def _rss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
