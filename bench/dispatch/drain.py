"""How fast a worker empties an inbox that is full of one kind of message."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.dispatch.stand import SQL, NotReached, Stand

_ACKS_PER_COMMAND = 3
_WORKING = ("worker", "database")


@dataclass(frozen=True)
class Drain:
    """From the commit by which all messages came in to the commit of the last that was handled.

    `left` were not handled in time, and `parked` were given up. `cpu_ms` is the processor time for
    each that was handled, by who spent it: others on the machine disturb it less than the rate.
    """

    per_s: float
    handled: int
    left: int
    parked: int
    cpu_ms: dict[str, float]


def acks(stand: Stand, count: int, within_s: float) -> Drain:
    """Orders to all terminals are confirmed, taken on and done; first all of them are confirmed."""
    stand.db.execute(SQL["order_guards"], {"commands": count // _ACKS_PER_COMMAND})
    return _drain(stand, "send_acks", {}, "acks", within_s)


def events(stand: Stand, count: int, within_s: float) -> Drain:
    """Check-ins and flat batteries of all terminals in turn."""
    return _drain(stand, "send_events", {"events": count}, "events", within_s)


def _drain(
    stand: Stand, query: str, parameters: dict[str, int], leaf: str, within_s: float
) -> Drain:
    return drained(stand, lambda: stand.db.execute(SQL[query], parameters), leaf, within_s)


def drained(stand: Stand, fill: Callable[[], object], leaf: str, within_s: float) -> Drain:
    """Fill the inbox, and wait until it holds no such message any more, or for so long.

    Raises NotReached if none was handled.
    """
    facts = {"after": stand.number("newest"), "leaf": leaf}
    fill()
    before = stand.busy_s()
    stand.waited(lambda: stand.number("pending", facts) == 0, within_s)
    after = stand.busy_s()
    row = stand.db.execute(SQL["drained"], facts).fetchone()
    assert row is not None
    handled, parked, left, took_s = row
    if not handled:
        raise NotReached(f"no message of {leaf} was handled in {within_s:.0f} s")
    return Drain(
        per_s=round(handled / took_s, 1),
        handled=handled,
        left=left,
        parked=parked,
        cpu_ms={who: round((after[who] - before[who]) / handled * 1000, 2) for who in _WORKING},
    )
