"""What a process of a fleet has done so far, told to its parent as lines of JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from pydantic import TypeAdapter

from firmware_sim.narration import Fact, Narrator

_REASONS = 5


@dataclass
class Tally:
    """`connected` and `waiting` (samples that have not come through) are of now, the rest counts up.

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
        """For the parent."""
        return TALLY.dump_json(self).decode()


TALLY: TypeAdapter[Tally] = TypeAdapter(Tally)
_SUMS = [
    name for name in (each.name for each in fields(Tally)) if name not in ("late_s", "reasons")
]


def total(tallies: Iterable[Tally]) -> Tally:
    """Of several processes together."""
    whole = Tally()
    for tally in tallies:
        for name in _SUMS:
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
        whole.late_s = max(whole.late_s, tally.late_s)
        for reason, count in tally.reasons.items():
            whole.reasons[reason] = whole.reasons.get(reason, 0) + count
    return whole


class TallyNarrator(Narrator):
    """Counts what connections tell, in place of writing a line for each."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def tell(self, device_id: str, did: str, **facts: Fact) -> None:
        del device_id
        if did == "connected":
            self._tally.connects += 1
        elif did == "cut_off":
            self._tally.cut_offs += 1
            self._note(str(facts.get("reason")))

    def _note(self, reason: str) -> None:
        """Rare reasons beyond the first few are told as others."""
        reasons = self._tally.reasons
        name = reason if reason in reasons or len(reasons) < _REASONS else "others"
        reasons[name] = reasons.get(name, 0) + 1
