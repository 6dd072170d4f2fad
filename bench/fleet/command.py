"""`script/bench fleet` and `script/bench check-fleet`."""

import json
import signal
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from bench.machine import describe, show
from firmware_sim.fleet.scale import SCALES
from firmware_sim.fleet.troubles import NAMES, TroubleRates

if TYPE_CHECKING:
    from bench.fleet.report import FleetBenchmark

Crowd = Annotated[
    int, typer.Option(min=0, max=30_000, help="Terminals of the crowd; 0 leaves it out.")
]
Interval = Annotated[
    float, typer.Option(min=0.5, max=60, help="Seconds between a terminal's positions.")
]
Seconds = Annotated[float, typer.Option(min=5, max=600, help="How long each part is measured.")]
Within = Annotated[
    float, typer.Option(min=10, max=900, help="Seconds to connect, or to be back, at most.")
]
Trouble = Annotated[
    list[str] | None,
    typer.Option(help=f"NAME=NUMBER of the bad day, again for more: {', '.join(NAMES)}."),
]


def fleet(
    terminals: Annotated[
        int, typer.Option(min=1, max=5_000, help="Terminals of the ordinary and the bad day.")
    ] = SCALES["full"],
    crowd: Crowd = SCALES["stress"],
    interval: Interval = 5,
    crowd_interval: Annotated[
        float, typer.Option(min=0.5, max=600, help="The same in the crowd.")
    ] = 30,
    seconds: Seconds = 60,
    within: Within = 240,
    trouble: Trouble = None,
    seed: Annotated[int, typer.Option(min=0)] = 7,
) -> None:
    """Run thousands of terminals, each with its own connection, against broker, ingest and worker.

    An ordinary day: the cost of a connected fleet, as a share of one core. A bad day: storms, dead
    zones, flat batteries, wrong clocks, garbage; then the ground truth is compared with the database.
    A crowd: many more connections, and a restart of the broker, until all are back. Everything runs on
    this machine, on loopback, with its own database and broker. Takes 10 minutes or more.
    """
    from bench.fleet.phases import FleetPlan
    from bench.fleet.report import FleetBenchmark

    rates = _rates(trouble or [])
    show(
        {
            **describe(),
            "fleet": f"{terminals:,} terminals, a sample each {interval:g} s, for {seconds:g} s",
            "crowd": f"{crowd:,} terminals, each {crowd_interval:g} s" if crowd else "left out",
            "bad day": ", ".join(f"{name} {rate:g}" for name, rate in asdict(rates).items()),
            "seed": str(seed),
        }
    )
    plan = FleetPlan(terminals, seconds, interval, seed, within)
    large = replace(plan, terminals=crowd, interval_s=crowd_interval)
    _measure(FleetBenchmark(plan, large, rates))


def _rates(trouble: list[str]) -> TroubleRates:
    from firmware_sim.faults import BadFault
    from firmware_sim.fleet.troubles import parse_troubles

    try:
        return parse_troubles(trouble)
    except BadFault as error:
        raise typer.BadParameter(str(error), param_hint="--trouble") from error


def _measure(benchmark: "FleetBenchmark") -> None:
    """Print the figures, or the reason why there are none, as the last line."""
    from bench.fleet.phases import NotInTime
    from bench.fleet.report import run
    from firmware_sim.fleet.descriptors import TooFewDescriptors
    from firmware_sim.fleet.fleet import FleetBroken

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        figures = run(benchmark)
    except (NotInTime, FleetBroken, TooFewDescriptors) as error:
        typer.echo(json.dumps({"error": str(error)}))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo(json.dumps({"error": "interrupted; everything is stopped"}))
        raise typer.Exit(130) from None
    typer.echo(json.dumps(asdict(figures)))


def check_fleet(
    truth: Annotated[
        Path, typer.Argument(help="Folder that `python -m firmware_sim fleet --truth` wrote.")
    ],
    database_url: Annotated[
        str, typer.Option(envvar="PATROLHUB_DATABASE_URL", help="The hub's database; only read.")
    ],
) -> None:
    """Compare the ground truth about a fleet with the hub's database.

    Finds lost, doubled, invented or altered samples, lost or doubled events, garbage that is no dead
    letter, and outdated live positions. Exit status 1 if anything is wrong; the last line is JSON.
    """
    from bench.fleet.check import NoTruth, compare
    from bench.fleet.report import show_verdict

    try:
        verdict = compare(truth, database_url)
    except NoTruth as error:
        raise typer.BadParameter(str(error), param_hint="truth") from error
    except psycopg.Error as error:
        raise typer.BadParameter(str(error).strip(), param_hint="--database-url") from error
    show_verdict("truth and hub", verdict)
    typer.echo(json.dumps(asdict(verdict), ensure_ascii=False))
    raise typer.Exit(0 if verdict.holds else 1)
