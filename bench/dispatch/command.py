"""`script/bench dispatch`."""

import json
import signal
from dataclasses import asdict
from typing import Annotated

import typer

from bench.machine import describe
from firmware_sim.fleet.scale import SCALES


def dispatch(
    rate: Annotated[
        list[float] | None,
        typer.Option(min=0.1, max=200, help="Signals a second, again for more: 1, 10 and 50."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=300, help="How long signals come at each rate.")
    ] = 60,
    terminals: Annotated[
        int, typer.Option(min=4, max=5_000, help="Terminals that are there to be sent.")
    ] = SCALES["full"],
    interval: Annotated[
        float, typer.Option(min=1, max=20, help="Seconds between a terminal's positions.")
    ] = 10,
    messages: Annotated[
        int, typer.Option(min=30, max=30_000, help="Acks, and again events, in a full inbox.")
    ] = 6_000,
    cases: Annotated[
        int, typer.Option(min=10, max=2_000, help="Cases that eight writers file at once.")
    ] = 400,
    within: Annotated[
        float, typer.Option(min=10, max=600, help="Seconds that anything may take to its end.")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0)] = 7,
) -> None:
    """From a signal to the order at a terminal, and how much a worker gets through.

    Signals of all kinds, each of which opens a case that policy sends a guard to: from the commit of the
    inbox row to the arrival of the order at the socket of the terminal that is sent. Then the
    acknowledgements and the events that one worker handles a second, and how long eight writers at once
    hold the journal. Everything runs on this machine, on loopback, with a database and broker of its own.
    """
    from bench.dispatch.places import TooFewPlaces
    from bench.dispatch.report import DispatchPlan, run
    from bench.dispatch.stand import NotReached
    from firmware_sim.fleet.descriptors import TooFewDescriptors

    rates = tuple(rate or (1.0, 10.0, 50.0))
    plan = DispatchPlan(terminals, rates, seconds, messages, cases, interval, seed, within)
    each = ", ".join(f"{per_s:g}" for per_s in rates)
    shown = {
        **describe(),
        "terminals": f"{terminals:,}, each with a session of its own, a sample each {interval:g} s",
        "signals": f"{each} a second, for {seconds:g} s each; three reports, a detection and an SOS in turn",
        "full inbox": f"{messages:,} acks, then {messages:,} events; {cases:,} cases by eight writers",
        "seed": str(seed),
    }
    for name, value in shown.items():
        typer.echo(f"{name:>12}  {value}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        figures = run(plan)
    except (NotReached, TooFewDescriptors, TooFewPlaces) as error:
        typer.echo(json.dumps({"error": str(error)}))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo(json.dumps({"error": "interrupted; everything is stopped"}))
        raise typer.Exit(130) from None
    typer.echo(json.dumps(asdict(figures)))
