"""A fleet's progress on the screen: one live line, and a summary."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from firmware_sim.fleet.counters import FleetCounters
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.fleet import Fleet

_LOOK_EVERY_S = 0.5
_REASONS = 3
_LINE_EVERY_S = 10.0
"""Without a screen, print a line this often."""


def watch(fleet: Fleet, exercise: Exercise, console: Console) -> None:
    """Show how the fleet is doing until it is over. Raises FleetBroken."""
    began_s = time.monotonic()
    if not console.is_terminal:
        _follow(
            fleet,
            _LINE_EVERY_S,
            lambda: console.print(_line(fleet, exercise, began_s), soft_wrap=True),
        )
        return
    with Live(console=console, auto_refresh=False) as live:
        _follow(
            fleet,
            _LOOK_EVERY_S,
            lambda: live.update(_line(fleet, exercise, began_s), refresh=True),
        )


def summary(counters: FleetCounters) -> Table:
    """The result of the run."""
    table = Table(show_header=False, title="the fleet", title_justify="left")
    rows = {
        "terminals": f"{counters.terminals:,}, connected {counters.connects:,} times",
        "samples": f"{counters.recorded:,} recorded; acknowledged live {counters.live:,}, as backlog "
        f"{counters.backlog:,}, still kept {counters.waiting:,}",
        "events": f"{counters.events:,} acknowledged",
        "faults": f"{counters.faults:,}, among them garbage taken by the broker {counters.garbage:,}",
        "lines lost": f"{counters.cut_offs:,}",
        "late": f"at most {counters.late_s:.1f} s behind the plan",
    }
    for reason, count in sorted(counters.reasons.items(), key=lambda each: -each[1])[:_REASONS]:
        rows[f"  for {reason}"] = f"{count:,} times"
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _follow(fleet: Fleet, every_s: float, show: Callable[[], None]) -> None:
    due_s = time.monotonic()
    while not fleet.is_over:
        if time.monotonic() >= due_s:
            show()
            due_s += every_s
        time.sleep(min(every_s, _LOOK_EVERY_S))


def _line(fleet: Fleet, exercise: Exercise, began_s: float) -> Text:
    counters, on_s = fleet.counters(), time.monotonic() - began_s
    state = f"{min(on_s, exercise.seconds):.0f}/{exercise.seconds:.0f} s"
    if on_s > exercise.seconds:
        state = "settling"
    return Text(
        f"{state:>12}  connected {counters.connected:,}/{counters.terminals:,}  "
        f"messages {counters.messages:,} ({counters.messages / max(on_s, 1):.0f}/s)  "
        f"samples kept {counters.waiting:,}  events {counters.events:,}  faults {counters.faults:,}"
        + (f"  late {counters.late_s:.1f} s" if counters.late_s > 1 else "")
    )
