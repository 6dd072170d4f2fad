"""The machine that a benchmark ran on, for readers of its figures."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import typer


def describe() -> dict[str, str]:
    """Processor, usable cores, the load of the machine, and Python."""
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return {
        "processor": f"{_processor()}, {cores} cores for us",
        "load before": f"{load:.1f}" + (" (busy: read ratios, not times)" if load > cores else ""),
        "python": platform.python_version(),
    }


def show(facts: Mapping[str, str]) -> None:
    """Print names and values, one to a line."""
    for name, value in facts.items():
        typer.echo(f"{name:>12}  {value}")


def hold_to_one_core() -> int:
    """Keep this process and those that it starts on one core; its number."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    facts = dict(line.split("\t:", 1) for line in lines if "\t:" in line)
    names = {name.strip(): value for name, value in facts.items()}
    vnni = "VNNI" if "avx512_vnni" in names.get("flags", "") else "no VNNI"
    return f"{names.get('model name', 'unknown').strip()} ({vnni})"
