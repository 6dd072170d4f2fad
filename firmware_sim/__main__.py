"""Make a simulated district, and bring its terminals and cameras to life, or a whole fleet.

A first look, with a broker on port 1883 and a password for each device in credentials.json:

    python -m firmware_sim district --seed 7 --terminals 24 --cameras 4 --out var/district
    python -m firmware_sim run var/district --credentials var/district/credentials.json
"""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Annotated

import structlog
import typer

from firmware_sim.activity_log import ActivityLog
from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.credentials import read_passwords
from firmware_sim.district.folder import BadFolder, SimulatedDistrict, read_district, write_district
from firmware_sim.faults import BadFault, parse_faults
from firmware_sim.fleet.command import fleet
from firmware_sim.fleet.scale import VILLAGES, BadScale, terminals_of
from firmware_sim.photo_folder import PhotoCounts, write_photos
from firmware_sim.scenario_player import NotSimulated
from firmware_sim.scenarios import SCENARIOS, Scenario
from firmware_sim.simulation import RunOptions, Simulation
from firmware_sim.surroundings import Habits
from firmware_sim.walking import WALK_MPS
from wire.ice import allow_loopback_candidates

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.command()(fleet)


@app.command()
def district(
    out: Annotated[Path, typer.Option(help="Folder to write; files in it are replaced.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    terminals: Annotated[int, typer.Option(min=0, max=100_000, help="Patrol terminals.")] = 24,
    scale: Annotated[
        str | None,
        typer.Option(help="In place of --terminals: demo (24), full (1,436), stress (10,000)."),
    ] = None,
    cameras: Annotated[int, typer.Option(min=0, max=400, help="Street cameras.")] = 4,
    villages: Annotated[
        int, typer.Option(min=12, max=600, help="Villages and communities.")
    ] = VILLAGES,
) -> None:
    """Draw a district: territories, roads, water, assets, units, devices and their routes."""
    try:
        terminals = terminals if scale is None else terminals_of(scale)
    except BadScale as error:
        raise typer.BadParameter(str(error), param_hint="--scale") from error
    made = build_district(DistrictSpec(seed, terminals, cameras, villages))
    write_district(made, out)
    typer.echo(
        f"{out}: {made.info.name_en}, {villages} villages, {len(made.roads.features)} roads, "
        f"{len(made.assets.features)} assets, {len(made.devices)} devices"
    )


@app.command()
def photos(
    out: Annotated[Path, typer.Option(help="Folder to write; files in it are replaced.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    repairs: Annotated[
        int, typer.Option(min=0, max=5_000, help="Covers, before and after their repair.")
    ] = 400,
    streets: Annotated[int, typer.Option(min=0, max=10_000, help="Views of streets.")] = 400,
) -> None:
    """Draw patrollers' photos of covers and streets, each with a view of its own."""
    written = write_photos(out, PhotoCounts(repairs, streets), seed)
    typer.echo(f"{out}: {written} photos")


Folder = Annotated[Path, typer.Argument(help="Folder made by `district`.")]
Credentials = Annotated[
    Path, typer.Option(help="JSON file {device id: password}, as `hub devices provision` makes.")
]
Host = Annotated[str, typer.Option(help="MQTT broker.")]
Port = Annotated[int, typer.Option(help="Its port.")]
ScenarioName = Annotated[str, typer.Option(help=f"One of: {', '.join(SCENARIOS)}.")]
Seed = Annotated[int | None, typer.Option(help="Default: the district's own.")]
Interval = Annotated[float, typer.Option(min=0.1, help="Seconds between positions.")]
WalkSpeed = Annotated[
    float | None,
    typer.Option(
        min=0.1, max=100, help="Walking speed on the way to a task, as a multiple of real life."
    ),
]
CameraFps = Annotated[float, typer.Option(min=0.05, max=5, help="Frames a second.")]
FaultTexts = Annotated[
    list[str] | None,
    typer.Option(
        help="NAME=NUMBER, again for more. Probability per message: drop, duplicate, reorder, "
        "garbage. Seconds that device clocks are ahead: clock_skew."
    ),
]
ControlPort = Annotated[
    int | None,
    typer.Option(
        help='Loopback port that takes lines such as {"do": "sos", "device_id": "T-0005"}; '
        "0 takes a free one and prints it."
    ),
]
Loopback = Annotated[
    bool,
    typer.Option(
        envvar="PATROLHUB_SIM_ICE_LOOPBACK", help="Let video use 127.0.0.1, for a local hub."
    ),
]


@app.command()
def run(
    folder: Folder,
    credentials: Credentials,
    host: Host = "127.0.0.1",
    port: Port = 1883,
    scenario: ScenarioName = "patrol",
    seed: Seed = None,
    interval: Interval = 5.0,
    walk_speed: WalkSpeed = None,
    camera_fps: CameraFps = 2.0,
    fault: FaultTexts = None,
    control: ControlPort = None,
    loopback: Loopback = False,
) -> None:
    """Connect every terminal and camera, each with its own connection, until Ctrl-C or SIGTERM.

    Their activity is written to standard output, one JSON line each: {"at", "device_id", "did", ...}.
    """
    _log_to_stderr()
    if loopback:
        allow_loopback_candidates()
    try:
        read = read_district(folder)
        passwords = read_passwords(credentials, read)
        rates = parse_faults(fault or [])
        drawn = _draw(scenario, seed, read)
    except (BadFolder, BadFault, NotSimulated) as error:
        raise typer.BadParameter(str(error)) from error
    habits = Habits(
        interval_s=interval,
        patrol_mps=WALK_MPS if drawn.walks else 0.0,
        walk_speed=drawn.walk_speed if walk_speed is None else walk_speed,
        camera_fps=camera_fps,
    )
    options = RunOptions(host, port, scenario, seed, habits, rates, control)
    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(_run(read, passwords, options, drawn))


def _draw(name: str, seed: int | None, read: SimulatedDistrict) -> Scenario:
    if name not in SCENARIOS:
        raise NotSimulated(name, "scenario")
    own = read.simulation.seed if seed is None else seed
    scenario = SCENARIOS[name](Random(f"{own}/{name}"), read.devices)
    known = {row.device_id for row in read.devices}
    for device_id in scenario.devices() - known:
        raise NotSimulated(device_id, "terminal")
    return scenario


async def _run(
    read: SimulatedDistrict, passwords: dict[str, str], options: RunOptions, scenario: Scenario
) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await Simulation(read, passwords, options, ActivityLog(sys.stdout)).run(scenario)


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    app()
