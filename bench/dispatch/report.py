"""Runs the parts of `script/bench dispatch` one after the other, and shows what each has found."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random

from rich.console import Console
from rich.table import Table

from bench.dispatch import delays, drain, journal
from bench.dispatch.delays import Rate
from bench.dispatch.drain import Drain
from bench.dispatch.journal import Held, Writers
from bench.dispatch.places import draw_places
from bench.dispatch.signals import SignalSource
from bench.dispatch.stand import Manners, Stand, spots, standing

_console = Console(highlight=False, width=120)
_GOAL_MS, _GOAL_PER_S = 300.0, 50.0
_WORKERS, _WRITERS_EACH = 2, 4
"""A worker handles four inbox rows at once."""


@dataclass(frozen=True)
class DispatchPlan:
    """`within_s`: how long whatever is measured may take to come to its end."""

    terminals: int
    rates: Sequence[float]
    seconds: float
    messages: int
    cases: int
    interval_s: float
    seed: int
    within_s: float

    def signals(self, per_s: float) -> int:
        """How many are sent at a rate."""
        return max(1, round(per_s * self.seconds))


@dataclass(frozen=True)
class DispatchFigures:
    """The last line. `reached` says of each goal that was measured whether this run has reached it."""

    terminals: int
    load: float
    rates: list[Rate]
    acks_per_s: float
    events_per_s: float
    acks: Drain
    events: Drain
    cases_per_s: float
    journal_lock_held_ms: Held
    writers: Writers
    reached: dict[str, bool]


def run(plan: DispatchPlan) -> DispatchFigures:
    """Measure everything, showing tables on the way. Raises NotReached, TooFewDescriptors, TooFewPlaces."""
    load = round(os.getloadavg()[0], 1)
    with standing(plan.terminals, plan.seed) as stand:
        source = _source(stand, plan)
        rates = _rates(stand, source, plan)
        acks, events = _drains(stand, plan)
        writers = _writers(stand, source, plan)
    figures = DispatchFigures(
        terminals=plan.terminals,
        load=load,
        rates=rates,
        acks_per_s=acks.per_s,
        events_per_s=events.per_s,
        acks=acks,
        events=events,
        cases_per_s=writers.cases_per_s,
        journal_lock_held_ms=writers.journal_lock_held_ms,
        writers=writers,
        reached=reached(rates),
    )
    _show("one worker, a full inbox", {"acks": acks, "events": events})
    _show(f"{writers.writers} writers at once", {"cases": writers})
    return figures


def reached(rates: Sequence[Rate]) -> dict[str, bool]:
    """Whether the goal is reached; empty if its rate was not measured."""
    at_goal = [rate for rate in rates if rate.signals_per_s == _GOAL_PER_S]
    soon = all(rate.p95_ms is not None and rate.p95_ms <= _GOAL_MS for rate in at_goal)
    complete = not any(rate.missing for rate in at_goal)
    return {"p95_at_50_per_s": soon and complete} if at_goal else {}


def _source(stand: Stand, plan: DispatchPlan) -> SignalSource:
    people, rng = stand.people(), Random(plan.seed)
    wanted = sum(plan.signals(per_s) for per_s in plan.rates) + plan.cases
    places = draw_places(spots(people), wanted, rng)
    return SignalSource([person.device_id for person in people], places, stand.matters(), rng)


def _rates(stand: Stand, source: SignalSource, plan: DispatchPlan) -> list[Rate]:
    """Each with a worker that has just started and nothing else to do."""
    found: list[Rate] = []
    with stand.crowd(Manners(plan.interval_s), plan.within_s):
        for per_s in plan.rates:
            stand.clear()
            with stand.workers():
                stand.waited(stand.is_idle, plan.within_s)
                signals = source.draw(plan.signals(per_s))
                found.append(delays.measure(stand, signals, per_s, plan.within_s))
            _show(f"{per_s:g} signals a second", {"": found[-1]})
    return found


def _drains(stand: Stand, plan: DispatchPlan) -> tuple[Drain, Drain]:
    """With no terminal there, so that nothing else comes in."""
    stand.clear()
    with stand.workers():
        stand.waited(stand.is_idle, plan.within_s)
        acks = drain.acks(stand, plan.messages, plan.within_s)
        events = drain.events(stand, plan.messages, plan.within_s)
    return acks, events


def _writers(stand: Stand, source: SignalSource, plan: DispatchPlan) -> Writers:
    """With terminals that can be sent, and do not answer, so that filing is all there is to do."""
    stand.clear()
    with stand.crowd(Manners(plan.interval_s), plan.within_s) as terminals:
        terminals.stop_answering()
        with stand.workers(_WORKERS):
            stand.waited(stand.is_idle, plan.within_s)
            signals = source.draw(plan.cases, only_reports=True)
            writers = _WORKERS * _WRITERS_EACH
            return journal.measure(stand, signals, writers, plan.within_s)


def _show(title: str, found: dict[str, Rate | Drain | Writers]) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for of, figures in found.items():
        for name, value in asdict(figures).items():
            table.add_row(f"{of} {name}".strip().replace("_", " "), str(value))
    _console.print(table)
