"""`script/bench crash`."""

import json
import logging
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from bench.machine import describe, show

if TYPE_CHECKING:
    from bench.crash.run import CrashResult


def crash(
    kills: Annotated[
        int, typer.Option(min=1, max=1000, help="Number of kills, of all kinds.")
    ] = 100,
    terminals: Annotated[int, typer.Option(min=1, max=200, help="Number of terminals.")] = 10,
    per_s: Annotated[
        float, typer.Option(min=1, max=500, help="Messages a second of all terminals together.")
    ] = 50.0,
    seed: Annotated[int, typer.Option(help="The same seed kills in the same order.")] = 1,
) -> None:
    """Kill -9 processes at random under load; then count what is missing.

    Ingest, worker, broker and database are killed, sometimes two at once, and the disk of the
    database is filled (if a small one can be mounted in memory). Terminals send samples, reports and
    photos through the simulator's own outbox. No message may be lost or take effect twice; the
    effect of a report is the signal that the worker makes of it. Exit code 1 if that fails.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    from bench.crash.run import KINDS, CrashPlan, run

    plan = CrashPlan(kills, terminals, per_s, seed)
    show(
        {
            **describe(),
            "load": f"{per_s:g} messages a second of {terminals} terminals, QoS 1",
            "victims": f"{', '.join(KINDS)}; {kills} kills, seed {seed}",
        }
    )
    outcome = run(plan, typer.echo)
    typer.echo(json.dumps(_figures(outcome)))
    if outcome.found.lost or outcome.found.duplicated:
        raise typer.Exit(1)


def _figures(outcome: "CrashResult") -> dict[str, object]:
    found = outcome.found
    return {
        "kills": sum(outcome.kills.values()),
        "by_kind": outcome.kills,
        "sent": found.sent,
        "stored": found.stored,
        "lost": found.lost,
        "duplicated": found.duplicated,
        "parked": found.parked,
        "dead_letters": found.dead_letters,
        "outages": outcome.outages,
        "settled_s": outcome.settled_s,
    }
