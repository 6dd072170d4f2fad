"""Runs the parts of `script/bench fleet` one after another, and shows their results."""

from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from bench.fleet import phases
from bench.fleet.check import FAULTS, FleetComparison
from bench.fleet.hub_under_test import hub_under_test
from bench.fleet.phases import FleetLoad, FleetPlan, Return
from firmware_sim.fleet.troubles import TroubleRates

_console = Console(highlight=False, width=120)
_SHOWN = 5
_HUB_GOAL = 0.25
_BACK_GOAL_S = 60.0


@dataclass(frozen=True)
class FleetBenchmark:
    """A crowd of no terminals is left out."""

    plan: FleetPlan
    crowd: FleetPlan
    rates: TroubleRates


@dataclass(frozen=True)
class FleetFigures:
    """The last line. Shares are of one core; `wrong` counts the faults by name.

    `reached` says for each goal whether this run has met it.
    """

    terminals: int
    interval_s: float
    ordinary: FleetLoad
    crowd: FleetLoad | None
    back: Return | None
    acknowledged: int
    stored: int
    wrong: dict[str, int]
    reached: dict[str, bool]


def run(wanted: FleetBenchmark) -> FleetFigures:
    """Measure everything, showing tables on the way.

    Raises NotInTime, FleetBroken, TooFewDescriptors.
    """
    plan = wanted.plan
    with hub_under_test(plan.terminals, plan.seed) as hub:
        ordinary, first = phases.ordinary_day(hub, plan)
        _show_load("an ordinary day", ordinary)
        show_verdict("after the ordinary day", first)
        second = phases.bad_day(hub, plan, wanted.rates)
        show_verdict("after the bad day", second)
    verdicts, load, back = [first, second], None, None
    if wanted.crowd.terminals:
        with hub_under_test(wanted.crowd.terminals, plan.seed) as hub:
            load, back, third = phases.crowd(hub, wanted.crowd)
        _show_load("a crowd", load)
        _console.print(
            f"all back {back.back_s} s after the broker went, {back.after_start_s} s after it came\n"
        )
        show_verdict("after the crowd", third)
        verdicts.append(third)
    return _figures(plan, ordinary, load, back, verdicts)


def show_verdict(title: str, verdict: FleetComparison) -> None:
    """Show what was compared, and the first few places of each kind of fault."""
    counts = verdict.counts
    _console.print(
        f"{title}: {counts.recorded:,} samples recorded, {counts.acknowledged:,} acknowledged, "
        f"{counts.stored:,} stored; {counts.events:,} events, {counts.faults:,} faults"
    )
    for name, places in verdict.wrong.items():
        _console.print(f"  {name.replace('_', ' ')}: {len(places):,}", style="red")
        for place in places[:_SHOWN]:
            _console.print(f"    {place}", markup=False)
    if verdict.holds:
        _console.print(f"  nothing is wrong ({', '.join(FAULTS).replace('_', ' ')})\n")


def _figures(
    plan: FleetPlan,
    ordinary: FleetLoad,
    crowd: FleetLoad | None,
    back: Return | None,
    verdicts: list[FleetComparison],
) -> FleetFigures:
    wrong = {name: sum(len(v.wrong.get(name, ())) for v in verdicts) for name in FAULTS}
    reached = {"hub_share": ordinary.hub < _HUB_GOAL, "nothing_wrong": not any(wrong.values())}
    if back is not None:
        reached["all_back"] = back.back_s <= _BACK_GOAL_S
    return FleetFigures(
        terminals=plan.terminals,
        interval_s=plan.interval_s,
        ordinary=ordinary,
        crowd=crowd,
        back=back,
        acknowledged=sum(verdict.counts.acknowledged for verdict in verdicts),
        stored=sum(verdict.counts.stored for verdict in verdicts),
        wrong={name: count for name, count in wrong.items() if count},
        reached=reached,
    )


def _show_load(title: str, load: FleetLoad) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in asdict(load).items():
        table.add_row(name.replace("_", " "), str(value))
    _console.print(table)
