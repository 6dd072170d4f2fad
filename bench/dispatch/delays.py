"""Signals at a rate: how long each waits for its guard, and what became of those that got none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from psycopg.rows import class_row

from bench.dispatch.signals import DrawnSignal
from bench.dispatch.stand import SQL, Stand

_REST_S = 1.0
_LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Fate:
    """What the database says of one signal. Instants are seconds since the epoch."""

    identity: str
    committed: float | None
    taken: float | None
    inbox_state: str | None
    error: str | None
    signal_state: str | None
    signal_reason: str | None
    case_id: int | None
    command_state: str | None
    wanted: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float
    max: float


@dataclass(frozen=True)
class Rate:
    """The last line's entry for a rate.

    From the commit of a signal's inbox row to the arrival of the guard at its terminal's socket, of the
    `commands` that arrived; up to `waited` a worker had not begun with it. `missing` got none, and
    `reasons` says why. `shares` are of one core, from the first signal to the last guard, and
    `cpu_ms` is the processor time for each signal that was handled.
    """

    signals_per_s: float
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None
    waited_p50_ms: float | None
    signals: int
    commands: int
    missing: int
    reasons: dict[str, int]
    shares: dict[str, float]
    cpu_ms: dict[str, float]
    took_s: float


def measure(stand: Stand, signals: Sequence[DrawnSignal], per_s: float, within_s: float) -> Rate:
    """Send signals, and look where their guards are; those that take longer are missing.

    `within_s` is how long after the last signal the last guard may come.
    """
    identities = [signal.identity for signal in signals]
    said_before, busy_before, began = stand.terminals.said, stand.busy_s(), stand.clock()
    stand.terminals.say(signals, per_s)
    all_said = said_before + len(signals)
    stand.waited(lambda: stand.terminals.said == all_said, len(signals) / per_s + within_s)
    stand.waited(lambda: _are_decided(stand, identities), within_s)
    took_s, busy = stand.clock() - began, stand.busy_s()
    stand.rest(_REST_S)
    fates = _fates(stand, identities)
    used_s = {who: busy[who] - busy_before[who] for who in busy}
    return rate(per_s, fates, stand.terminals.arrivals(), used_s, took_s)


def rate(
    per_s: float,
    fates: Sequence[Fate],
    arrivals: Mapping[int, float],
    used_s: Mapping[str, float],
    took_s: float,
) -> Rate:
    """What the fates of all signals and the arrivals of guards, by case, come to."""
    waits, delays, reasons = [], [], Counter[str]()
    for fate in fates:
        arrived = None if fate.case_id is None else arrivals.get(fate.case_id)
        if fate.signal_state != "accepted" or fate.committed is None or arrived is None:
            reasons[why_missing(fate)] += 1
            continue
        delays.append((arrived - fate.committed) * 1000)
        if fate.taken is not None:
            waits.append((fate.taken - fate.committed) * 1000)
    spread, waited = spread_of(delays), spread_of(waits)
    handled = sum(fate.signal_state is not None for fate in fates) or 1
    return Rate(
        signals_per_s=per_s,
        p50_ms=spread.p50 if spread else None,
        p95_ms=spread.p95 if spread else None,
        max_ms=spread.max if spread else None,
        waited_p50_ms=waited.p50 if waited else None,
        signals=len(fates),
        commands=len(delays),
        missing=sum(reasons.values()),
        reasons=dict(reasons),
        shares={who: round(each / took_s, 3) for who, each in used_s.items()},
        cpu_ms={who: round(each / handled * 1000, 1) for who, each in used_s.items()},
        took_s=round(took_s, 1),
    )


def why_missing(fate: Fate) -> str:
    """Why a signal got no guard, or none in time."""
    if fate.inbox_state is None:
        return "not received"
    if fate.inbox_state == "parked":
        return f"parked: {(fate.error or '')[:_LONGEST_TEXT]}"
    if fate.signal_state is None:
        return f"tried again: {fate.error[:_LONGEST_TEXT]}" if fate.error else "waits in the inbox"
    if fate.signal_state != "accepted":
        return f"signal {fate.signal_state}: {fate.signal_reason or 'joined a case'}"
    if fate.command_state is None:
        return "nobody could be sent" if fate.wanted else "no guard was wanted"
    return f"guard {fate.command_state}, did not arrive"


def spread_of(values: Sequence[float]) -> Spread | None:
    """None of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return Spread(round(values[0], 1), round(values[0], 1), round(values[0], 1))
    percentiles = quantiles(values, n=100, method="inclusive")
    return Spread(round(percentiles[49], 1), round(percentiles[94], 1), round(max(values), 1))


def _are_decided(stand: Stand, identities: Sequence[str]) -> bool:
    """Every signal has had its effect, and every guard has left the outbox."""
    return stand.number("undecided", (list(identities),)) == 0


def _fates(stand: Stand, identities: Sequence[str]) -> list[Fate]:
    with stand.db.cursor(row_factory=class_row(Fate)) as cursor:
        return cursor.execute(SQL["fates"], (list(identities),)).fetchall()
