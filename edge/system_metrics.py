"""Temperature and memory, if the system tells them (Linux)."""

import os
from pathlib import Path

_THERMAL = Path("/sys/class/thermal")
_STATM = Path("/proc/self/statm")


def temperature_c() -> float | None:
    """The hottest of the machine's thermal zones."""
    return max(
        (one for zone in _THERMAL.glob("thermal_zone*") if (one := _read(zone))), default=None
    )


def rss_bytes() -> int | None:
    """The resident memory of this process."""
    try:
        resident = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return resident * os.sysconf("SC_PAGE_SIZE")


def _read(zone: Path) -> float | None:
    try:
        return int((zone / "temp").read_text(encoding="ascii")) / 1000
    except (OSError, ValueError):
        return None
