"""The devices' activity, one JSON line each, for whoever follows the simulation."""

import json
from datetime import UTC, datetime
from typing import TextIO

Fact = str | int | float | bool | None | list[float] | list[str]


class ActivityLog:
    """Writes {"at", "device_id", "did", ...} and flushes, so that a reader sees each line at once."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def record(self, device_id: str, did: str, **facts: Fact) -> None:
        line = {"at": datetime.now(UTC).isoformat(), "device_id": device_id, "did": did, **facts}
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()
