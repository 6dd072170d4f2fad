"""How long writers hold the journal, of which one may write at a time.

From outside: a query looks each thousandth of a second who holds the lock. Looks in a row that find the
same transaction are one hold, as long as they are apart, plus one distance. What no look has found was
shorter than that, and counts as nothing. The mean is exact whatever the distance: the share of looks that
found the lock held, by the transactions that have written.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median

import psycopg

from bench import processes
from bench.dispatch.delays import spread_of
from bench.dispatch.drain import drained
from bench.dispatch.signals import DrawnSignal
from bench.dispatch.stand import SQL, Stand

_LOOK_FOR_S = 0.5

Look = tuple[float, str | None]
"""When, and who held the lock: a transaction by a name that is its own."""


@dataclass(frozen=True)
class Held:
    """Milliseconds, but `holds`; `held` is a share of the time."""

    p50: float
    p95: float
    max: float
    mean: float
    held: float
    holds: int
    resolution: float


@dataclass(frozen=True)
class Writers:
    """`cases_per_s` by so many writers at once, the processor time for each signal, and what watching
    them took of one core.
    """

    writers: int
    cases_per_s: float
    cases: int
    left: int
    cpu_ms: dict[str, float]
    journal_lock_held_ms: Held
    watching: float


@dataclass
class Watch:
    """What the looks have found so far."""

    looks: list[Look] = field(default_factory=list)
    busy_s: float = 0.0


def measure(stand: Stand, signals: Sequence[DrawnSignal], writers: int, within_s: float) -> Writers:
    """Writers file, route and dispatch so many cases at once, as the workers' own handlers do."""
    case_id, entry_id = stand.number("newest_case"), stand.number("newest_entry")
    began = stand.clock()
    with watching(stand.stack.database_url) as watch:
        drain = drained(stand, lambda: _send(stand, signals), "events", within_s)
    took_s = stand.clock() - began
    cases = stand.number("filed_since", (case_id,))
    writing = stand.number("writing_transactions", (entry_id,))
    return Writers(
        writers=writers,
        cases_per_s=round(drain.per_s * cases / drain.handled, 1),
        cases=cases,
        left=drain.left,
        cpu_ms=drain.cpu_ms,
        journal_lock_held_ms=held(watch.looks, writing),
        watching=round(watch.busy_s / took_s, 3),
    )


@contextmanager
def watching(database_url: str) -> Iterator[Watch]:
    """Look for as long as the context lasts."""
    watch, stop = Watch(), threading.Event()
    thread = threading.Thread(target=_watch, args=(database_url, watch, stop))
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def held(looks: Sequence[Look], transactions: int) -> Held:
    """What the looks say of so many transactions that have written."""
    if len(looks) < 2:
        return Held(0.0, 0.0, 0.0, 0.0, 0.0, transactions, 0.0)
    apart_s = median(later[0] - earlier[0] for earlier, later in pairwise(looks))
    seen_ms = []
    for holder, group in groupby(looks, key=lambda look: look[1]):
        if holder is not None:
            instants = [at for at, _ in group]
            seen_ms.append((instants[-1] - instants[0] + apart_s) * 1000)
    unseen = max(0, transactions - len(seen_ms))
    spread = spread_of([0.0] * unseen + seen_ms)
    share = sum(holder is not None for _, holder in looks) / len(looks)
    watched_ms = (looks[-1][0] - looks[0][0]) * 1000
    return Held(
        p50=spread.p50 if spread else 0.0,
        p95=spread.p95 if spread else 0.0,
        max=spread.max if spread else 0.0,
        mean=round(share * watched_ms / transactions, 2) if transactions else 0.0,
        held=round(share, 3),
        holds=transactions,
        resolution=round(apart_s * 1000, 2),
    )


def _watch(database_url: str, watch: Watch, stop: threading.Event) -> None:
    with psycopg.connect(database_url, autocommit=True, application_name="bench-watch") as db:
        db.execute(SQL["watch"])
        pid, before_s = db.info.backend_pid, processes.busy_s([db.info.backend_pid])
        while not stop.is_set():
            watch.looks += [(at, holder) for at, holder in db.execute(SQL["look"], (_LOOK_FOR_S,))]
        watch.busy_s = processes.busy_s([pid]) - before_s


def _send(stand: Stand, signals: Sequence[DrawnSignal]) -> None:
    """Into the inbox at once, past the broker."""
    rows = [signal.as_row() for signal in signals]
    stand.db.execute(SQL["send_signals"], {name: [row[name] for row in rows] for name in rows[0]})
