"""What a process of a fleet has done so far, reported to its parent as lines of JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from pydantic import TypeAdapter

from firmware_sim.activity_log import ActivityLog, Fact

_REASONS = 5


@dataclass
class FleetCounters:
    """`connected` and `waiting` (undelivered samples) are current values; the others only grow.

    `late_s` is how far the simulator itself is behind its plan, `reasons` why lines were lost.
    """

    terminals: int = 0
    connected: int = 0
    connects: int = 0
    cut_offs: int = 0
    recorded: int = 0
    live: int = 0
    backlog: int = 0
    events: int = 0
    garbage: int = 0
    faults: int = 0
    messages: int = 0
    waiting: int = 0
    late_s: float = 0.0
    travelling: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def line(self) -> str:
        """The line for the parent."""
        return COUNTERS.dump_json(self).decode()


COUNTERS: TypeAdapter[FleetCounters] = TypeAdapter(FleetCounters)
_SUMS = [
    name
    for name in (each.name for each in fields(FleetCounters))
    if name not in ("late_s", "reasons")
]


def total(parts: Iterable[FleetCounters]) -> FleetCounters:
    """Of several processes together."""
    whole = FleetCounters()
    for counters in parts:
        for name in _SUMS:
            setattr(whole, name, getattr(whole, name) + getattr(counters, name))
        whole.late_s = max(whole.late_s, counters.late_s)
        for reason, count in counters.reasons.items():
            whole.reasons[reason] = whole.reasons.get(reason, 0) + count
    return whole


class CountingActivityLog(ActivityLog):
    """Counts the activity of connections in place of writing lines."""

    def __init__(self, counters: FleetCounters) -> None:
        self._tally = counters

    def record(self, device_id: str, did: str, **facts: Fact) -> None:
        del device_id
        if did == "connected":
            self._tally.connects += 1
        elif did == "cut_off":
            self._tally.cut_offs += 1
            self._note(str(facts.get("reason")))

    def _note(self, reason: str) -> None:
        """Reasons beyond the first few are counted as others."""
        reasons = self._tally.reasons
        name = reason if reason in reasons or len(reasons) < _REASONS else "others"
        reasons[name] = reasons.get(name, 0) + 1
