"""`python -m firmware_sim fleet`."""

import json
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from firmware_sim.district.credentials import read_passwords
from firmware_sim.district.folder import BadFolder, read_district
from firmware_sim.faults import BadFault
from firmware_sim.fleet.descriptors import TooFewDescriptors
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.fleet import Fleet, FleetBroken, FleetOptions
from firmware_sim.fleet.progress import summary, watch
from firmware_sim.fleet.scale import BadScale, terminals_of
from firmware_sim.fleet.troubles import CALM, NAMES, parse_troubles

_console = Console(stderr=True, highlight=False)


Folder = Annotated[Path, typer.Argument(help="Folder made by `district`.")]
Credentials = Annotated[
    Path | None,
    typer.Option(
        help="JSON file {device id: password}, as `hub devices provision` makes; "
        "by default credentials.json in the folder."
    ),
]
Host = Annotated[str, typer.Option(help="MQTT broker.")]
Port = Annotated[int, typer.Option(help="Its port for devices.")]
Scale = Annotated[
    str | None,
    typer.Option(help="demo, full, stress or a number: how many of the folder's terminals."),
]
Seconds = Annotated[float, typer.Option(min=1, max=86_400, help="How long terminals record.")]
Interval = Annotated[float, typer.Option(min=0.2, help="Seconds between positions.")]
Settle = Annotated[
    float, typer.Option(min=0, max=3600, help="Seconds to deliver the backlog, at most.")
]
Seed = Annotated[int | None, typer.Option(help="Default: the district's own.")]
Begin = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S"],
        help="The beginning to write into samples and ids (UTC), to repeat an exercise "
        "exactly; default: now.",
    ),
]
Trouble = Annotated[
    list[str] | None,
    typer.Option(
        help=f"NAME=NUMBER, again for more; names: {', '.join(NAMES)}. storms and zones are "
        "counts, the rest shares of 1."
    ),
]
Calm = Annotated[bool, typer.Option("--calm", help="Nothing goes wrong.")]
TruthFolder = Annotated[Path, typer.Option(help="Folder for what really happened.")]
Processes = Annotated[
    int, typer.Option(min=0, max=64, help="0: one for each 1,000 terminals, at most two a core.")
]


def fleet(
    folder: Folder,
    credentials: Credentials = None,
    host: Host = "127.0.0.1",
    port: Port = 1883,
    scale: Scale = None,
    seconds: Seconds = 300,
    interval: Interval = 5,
    settle: Settle = 30,
    seed: Seed = None,
    begin: Begin = None,
    trouble: Trouble = None,
    calm: Calm = False,
    truth: TruthFolder = Path("var/truth"),
    processes: Processes = 0,
) -> None:
    """Connect a whole fleet, make things go wrong, and record the ground truth for comparison.

    Each terminal has its own connection, login, birth and last will. It walks its route, loses its
    connection in dead zones and storms, runs out of battery, has a wrong clock, sends garbage and
    duplicates, all by the seed; samples recorded while cut off arrive as backlog. The truth folder
    holds every sample, event and fault with its key, and what the broker acknowledged;
    `script/bench check-fleet` compares it with a hub's database. Ctrl-C stops everything in order.

    The last line of standard output is JSON.
    """
    try:
        rates = CALM if calm else parse_troubles(trouble or [])
        options, own_seed = _options(
            folder, credentials, host, port, scale, truth, processes, settle
        )
    except (BadFolder, BadScale, BadFault) as error:
        raise typer.BadParameter(str(error)) from error
    began_at = (begin or datetime.now(UTC)).replace(tzinfo=UTC)
    exercise = Exercise(own_seed if seed is None else seed, began_at, seconds, interval, rates)
    _play(options, exercise, begins_now=begin is None)


def _options(
    folder: Path,
    credentials: Path | None,
    host: str,
    port: int,
    scale: str | None,
    truth: Path,
    processes: int,
    settle_s: float,
) -> tuple[FleetOptions, int]:
    """Raises BadFolder, BadScale."""
    credentials = credentials or folder / "credentials.json"
    district = read_district(folder)
    read_passwords(credentials, district)
    there = len(district.simulation.terminals)
    wanted = there if scale is None else terminals_of(scale)
    if wanted > there:
        path = folder / "simulation.json"
        raise BadFolder(path, f"has {there:,} terminals, not {wanted:,}; make it with that --scale")
    options = FleetOptions(folder, credentials, host, port, truth, wanted, processes, settle_s)
    return options, district.simulation.seed


def _play(options: FleetOptions, exercise: Exercise, *, begins_now: bool) -> None:
    # Both, because a script's background process inherits an ignored Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    _console.print(
        f"{options.terminals:,} terminals in {options.parts} processes to {options.host}:{options.port}, "
        f"a sample each {exercise.interval_s:g} s for {exercise.seconds:g} s, seed {exercise.seed}; "
        f"the truth goes to {options.truth}",
        soft_wrap=True,
    )
    try:
        with Fleet(options) as running:
            try:
                watch(running, running.start(exercise, begins_now=begins_now), _console)
            except KeyboardInterrupt:
                _console.print("stopping: every terminal disconnects")
                running.stop()
            counters = running.counters()
    except (FleetBroken, TooFewDescriptors) as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    _console.print(summary(counters))
    typer.echo(json.dumps(asdict(counters)))
