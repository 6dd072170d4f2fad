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
from firmware_sim.fleet.fleet import Fleet, FleetBroken, Muster
from firmware_sim.fleet.progress import summary, watch
from firmware_sim.fleet.scale import BadScale, terminals_of
from firmware_sim.fleet.troubles import CALM, NAMES, parse_troubles

_console = Console(stderr=True, highlight=False)


def fleet(
    folder: Annotated[Path, typer.Argument(help="Folder made by `district`.")],
    credentials: Annotated[
        Path | None,
        typer.Option(
            help="JSON file {device id: password}, as `hub devices provision` makes; "
            "by default credentials.json in the folder."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="MQTT broker.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port for devices.")] = 1883,
    scale: Annotated[
        str | None,
        typer.Option(help="demo, full, stress or a number: of the folder's terminals the first."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="How long terminals record.")
    ] = 300,
    interval: Annotated[float, typer.Option(min=0.2, help="Seconds between positions.")] = 5,
    settle: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds to bring home what was kept, at most.")
    ] = 30,
    seed: Annotated[int | None, typer.Option(help="Default: the district's own.")] = None,
    begin: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S"],
            help="The beginning to write into samples and ids (UTC), to repeat an exercise to the "
            "letter; by default the present.",
        ),
    ] = None,
    trouble: Annotated[
        list[str] | None,
        typer.Option(
            help=f"NAME=NUMBER, again for more; names: {', '.join(NAMES)}. storms and zones are "
            "counts, the rest shares of 1."
        ),
    ] = None,
    calm: Annotated[bool, typer.Option("--calm", help="Nothing goes wrong.")] = False,
    truth: Annotated[Path, typer.Option(help="Folder for what really happened.")] = Path(
        "var/truth"
    ),
    processes: Annotated[
        int,
        typer.Option(min=0, max=64, help="0: one for each 1,000 terminals, at most two a core."),
    ] = 0,
) -> None:
    """Connect a whole fleet, let things go wrong, and write down the truth for comparison.

    Each terminal has a connection of its own, with its own login, birth and last will. It walks its
    route, loses its line in dead zones and storms, runs out of battery, has a wrong clock, sends garbage
    and duplicates, all by the seed; what it records meanwhile comes as backlog. The folder of truth
    holds every sample, event and fault with its key, and what the broker acknowledged;
    `script/bench check-fleet` compares it with a hub's database. Ctrl-C ends everything in order.

    The last line of standard output is JSON.
    """
    try:
        rates = CALM if calm else parse_troubles(trouble or [])
        muster, own_seed = _muster(folder, credentials, host, port, scale, truth, processes, settle)
    except (BadFolder, BadScale, BadFault) as error:
        raise typer.BadParameter(str(error)) from error
    began_at = (begin or datetime.now(UTC)).replace(tzinfo=UTC)
    exercise = Exercise(own_seed if seed is None else seed, began_at, seconds, interval, rates)
    _play(muster, exercise, begins_now=begin is None)


def _muster(
    folder: Path,
    credentials: Path | None,
    host: str,
    port: int,
    scale: str | None,
    truth: Path,
    processes: int,
    settle_s: float,
) -> tuple[Muster, int]:
    """Raises BadFolder, BadScale."""
    credentials = credentials or folder / "credentials.json"
    district = read_district(folder)
    read_passwords(credentials, district)
    there = len(district.simulation.terminals)
    wanted = there if scale is None else terminals_of(scale)
    if wanted > there:
        path = folder / "simulation.json"
        raise BadFolder(path, f"has {there:,} terminals, not {wanted:,}; make it with that --scale")
    muster = Muster(folder, credentials, host, port, truth, wanted, processes, settle_s)
    return muster, district.simulation.seed


def _play(muster: Muster, exercise: Exercise, *, begins_now: bool) -> None:
    # Both, for what a script starts in the background inherits a Ctrl-C that is ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    _console.print(
        f"{muster.terminals:,} terminals in {muster.parts} processes to {muster.host}:{muster.port}, "
        f"a sample each {exercise.interval_s:g} s for {exercise.seconds:g} s, seed {exercise.seed}; "
        f"the truth goes to {muster.truth}",
        soft_wrap=True,
    )
    try:
        with Fleet(muster) as running:
            try:
                watch(running, running.start(exercise, begins_now=begins_now), _console)
            except KeyboardInterrupt:
                _console.print("stopping: every terminal says goodbye")
                running.stop()
            tally = running.tally()
    except (FleetBroken, TooFewDescriptors) as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    _console.print(summary(tally))
    typer.echo(json.dumps(asdict(tally)))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
