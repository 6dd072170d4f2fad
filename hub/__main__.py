"""The hub's command line: every process and every chore, wired here and nowhere else."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from prometheus_client import start_http_server
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from hub import __version__, logs
from hub.accounts.account import Role
from hub.clock import now
from hub.db import open_pool
from hub.errors import HubError
from hub.settings import Settings, UnknownVariable, read_settings

if TYPE_CHECKING:
    from hub.devices.listing import DeviceRow

app = typer.Typer(
    help="The patrolhub hub. Settings are read from PATROLHUB_* variables (docs/configuration.md).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
district_app = typer.Typer(
    help="The district: units, territories, assets, devices.", no_args_is_help=True
)
devices_app = typer.Typer(help="Registered devices and their logins.", no_args_is_help=True)
geofences_app = typer.Typer(help="Areas whose crossing by terminals is told.", no_args_is_help=True)
catalogue_app = typer.Typer(help="The responsibility list.", no_args_is_help=True)
accounts_app = typer.Typer(help="People who log in to the console.", no_args_is_help=True)
journal_app = typer.Typer(help="The record of everything that happened.", no_args_is_help=True)
app.add_typer(district_app, name="district")
app.add_typer(devices_app, name="devices")
app.add_typer(geofences_app, name="geofences")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(accounts_app, name="accounts")
app.add_typer(journal_app, name="journal")

out, err = Console(), Console(stderr=True)

Result = TypeVar("Result")


def _settings() -> Settings:
    try:
        return read_settings()
    except UnknownVariable as error:
        _fail(str(error))
    except ValidationError as error:
        lines = [
            f"PATROLHUB_{str(e['loc'][0]).upper() if e['loc'] else ''}: {e['msg']}"
            for e in error.errors()
        ]
        _fail("the settings are not complete:\n  " + "\n  ".join(lines))


def _fail(sentence: str) -> NoReturn:
    err.print(sentence, style="red", markup=False, highlight=False)
    raise typer.Exit(2)


def _run(work: Coroutine[object, object, Result]) -> Result:
    try:
        return asyncio.run(work)
    except HubError as error:
        _fail(error.detail)


def _url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def _password(settings: Settings) -> str | None:
    return settings.mqtt_password.get_secret_value() if settings.mqtt_password else None


def _serve_metrics(settings: Settings) -> None:
    if settings.metrics_port:
        start_http_server(settings.metrics_port)


@app.command()
def ingest(
    instance: Annotated[
        str, typer.Option(help="Names this process among its kind; must stay the same.")
    ] = "1",
    leave: Annotated[
        bool,
        typer.Option(
            "--leave",
            help="For an instance that will not run again: store what the broker keeps for it, "
            "take no more, and end.",
        ),
    ] = False,
) -> None:
    """Receive what devices send: stored, then acknowledged.

    The broker keeps messages for every instance that it knows, running or not; one that goes for
    good must leave, while another runs.
    """
    from hub.evidence import open_evidence
    from hub.ingest.interpreter import tune_interpreter
    from hub.ingest.subscriber import Broker
    from hub.ingest.wiring import ingest_of

    settings = _settings()
    logs.configure()
    _serve_metrics(settings)
    tune_interpreter()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    broker = Broker(
        settings.mqtt_host,
        settings.mqtt_port,
        settings.mqtt_username,
        _password(settings),
        client_id=f"hub-ingest-{instance}",
    )
    evidence = open_evidence(settings.evidence_url)
    process = ingest_of(
        broker, settings.district, __version__, _url(settings), evidence, leaving=leave
    )
    (process.leave if leave else process.run)(stop)


@app.command()
def worker() -> None:
    """Turn what came in into cases and commands, publish, and keep the time."""
    from hub.cases.repair_judge import ModelJudge
    from hub.evidence import open_evidence
    from hub.evidence.eye import open_eye
    from hub.signals.report_eye import ReportEye
    from hub.worker.feedback import FeedbackChecks
    from hub.worker.looks import ReportLooks
    from hub.worker.run import Login, run_worker
    from hub.worker.timers import Timers

    settings = _settings()
    logs.configure()
    _serve_metrics(settings)

    async def work() -> None:
        async with open_pool(_url(settings), name="worker", max_size=10) as pool:
            evidence = open_evidence(settings.evidence_url)
            eye = open_eye(settings.model_dir)
            looks = ReportLooks(pool, evidence, ReportEye(eye), now)
            feedback = FeedbackChecks(pool, evidence, ModelJudge(eye), now)
            login = Login(
                settings.mqtt_host,
                settings.mqtt_port,
                settings.mqtt_username,
                _password(settings),
                client_id=f"hub-worker-{socket.gethostname()}-{os.getpid()}",
            )
            timers = Timers(pool, now)
            await run_worker(
                _url(settings),
                pool,
                login,
                evidence,
                timers,
                looks,
                feedback,
                now,
                settings.telemetry_days,
                settings.off_post_min,
            )

    asyncio.run(_until_told(work()))


async def _until_told(work: Coroutine[object, object, None]) -> None:
    """Run until done, SIGTERM or SIGINT."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


@app.command()
def api() -> None:
    """Serve REST, live updates, video and the console."""
    from hub.web.server import serve

    settings = _settings()
    logs.configure()
    serve(settings)


@app.command()
def openapi() -> None:
    """Print the OpenAPI description of the api."""
    from hub.web.app import openapi_text

    sys.stdout.write(openapi_text())


@app.command()
def migrate() -> None:
    """Bring the database to the present schema; safe to run again."""
    from hub.catalogue.commands import import_starter
    from hub.db import migrate as migrations
    from hub.deadlines.store import seed_calendar
    from hub.telemetry.keeping import chores
    from hub.telemetry.keeping.choice import lay_out

    settings = _settings()
    logs.configure()
    migrations.migrate(_url(settings))

    async def work() -> None:
        await migrations.install_job_queue(_url(settings))
        await lay_out(_url(settings))
        await chores.tend(_url(settings), now(), settings.telemetry_days)
        async with open_pool(_url(settings), name="migrate") as pool, pool.connection() as db:
            today = now()
            await seed_calendar(db, range(today.year - 1, today.year + 2), today)
            await import_starter(db, today)

    _run(work())


@app.command()
def status() -> None:
    """Show what the database holds and what waits."""
    settings = _settings()

    async def work() -> None:
        from hub.status import read_status

        async with open_pool(_url(settings), name="status") as pool, pool.connection() as db:
            table = Table("what", "value", title=f"patrolhub {__version__}")
            for name, value in await read_status(db, now(), settings.telemetry_days):
                table.add_row(name, value)
            out.print(table)

    _run(work())


@district_app.command("import")
def district_import(folder: Path) -> None:
    """Read a district folder into the registry; nothing is deleted."""
    from hub.devices.district import import_district

    settings = _settings()

    async def work() -> None:
        async with open_pool(_url(settings), name="import") as pool, pool.connection() as db:
            for what, count in (await import_district(db, folder, now())).items():
                out.print(f"{what}: {count}")

    _run(work())


@devices_app.command()
def provision(
    folder: Annotated[
        Path, typer.Argument(help="The district folder; credentials.json goes there.")
    ],
    broker: Annotated[Path, typer.Option(help="Where Mosquitto's passwords and acl are written.")],
    registry: Annotated[
        bool, typer.Option("--registry", help="Take the devices from the database, not the folder.")
    ] = False,
) -> None:
    """Give every device a login of its own, and write the broker's files."""
    from hub.devices import provisioning
    from hub.devices.district import read_devices

    settings = _settings()
    hub_password = _password(settings) or _fail(
        "PATROLHUB_MQTT_PASSWORD is needed to log the hub in"
    )
    try:
        devices = asyncio.run(_registered(settings)) if registry else read_devices(folder)
    except HubError as error:
        _fail(error.detail)
    path = folder / "credentials.json"
    passwords = provisioning.make_passwords(devices, provisioning.read_passwords(path))
    provisioning.write_private(path, provisioning.as_json(passwords))
    hub = (settings.mqtt_username, hub_password)
    provisioning.write_broker_files(broker, settings.district, devices, passwords, hub)
    out.print(f"{len(passwords)} logins; passwords in {path}, broker files in {broker}")


async def _registered(settings: Settings) -> list["DeviceRow"]:
    from hub.devices.registry import registered

    async with open_pool(_url(settings), name="registry") as pool, pool.connection() as db:
        return await registered(db)


@devices_app.command("import")
def devices_import(
    file: Annotated[Path, typer.Argument(help="CSV as `devices export` writes it.")],
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Bring the registry to what a CSV file says: all of it, or nothing where a line is bad.

    A device that the file lacks stays; a column that it lacks leaves what is known; an empty cell
    says that there is nothing. Devices that are new need a login: `devices provision --registry`.
    """
    from hub.devices.listing import decode_listing
    from hub.devices.registry import import_listing

    settings = _settings()
    try:
        data = file.read_bytes()
    except OSError as error:
        _fail(f"{file} can't be read: {error.strerror}")

    async def work() -> bool:
        async with open_pool(_url(settings), name="import") as pool, pool.connection() as db:
            report = await import_listing(
                db, decode_listing(data), actor="user:cli", now=now(), dry_run=dry_run
            )
        out.print(report.text(), markup=False, highlight=False)
        return not report.bad

    if not _run(work()):
        raise typer.Exit(1)


@devices_app.command("export")
def devices_export(
    file: Annotated[
        Path | None, typer.Argument(help="Standard output, where it is left out.")
    ] = None,
) -> None:
    """Write the registry as CSV, for a spreadsheet and for `devices import`."""
    from hub.devices.listing import write_listing

    rows = _run(_registered(_settings()))
    text = write_listing(rows)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8-sig", newline="")
        out.print(f"{len(rows)} devices written to {file}")


@devices_app.command("explain")
def devices_explain(
    gb28181_id: Annotated[str, typer.Argument(help="20 digits of GB/T 28181.")],
) -> None:
    """Say what the digits of a GB/T 28181 id mean."""
    from hub.devices.gb28181 import parse_gb28181

    try:
        parts = parse_gb28181(gb28181_id).explained()
    except ValueError as error:
        _fail(str(error))
    for name, words in parts.items():
        out.print(f"{name:9}{words}", markup=False, highlight=False)


@devices_app.command()
def configure(
    device_id: Annotated[str, typer.Argument(help="An edge node or a terminal: E-01.")],
    file: Annotated[
        Path, typer.Argument(help="JSON object of settings; docs/edge.md lists an edge node's.")
    ],
) -> None:
    """Tell a device its configuration; it answers with the version, or why it refuses.

    What the file leaves out stays as the device itself is set up; {} takes everything back.
    """
    from hub.devices.remote import desire_config

    settings = _settings()
    wish = _read_json(file)

    async def work() -> None:
        async with open_pool(_url(settings), name="configure") as pool, pool.connection() as db:
            version = await desire_config(db, device_id, wish, "user:cli", now())
        out.print(f"{device_id} is told configuration {version}")

    _run(work())


@devices_app.command()
def model(
    device_id: Annotated[str, typer.Argument(help="An edge node: E-01.")],
    release: Annotated[
        Path,
        typer.Argument(
            help="The paper that `python -m models pack --key` wrote: NAME-VERSION.json."
        ),
    ],
    url: Annotated[str, typer.Option(help="Where the node finds the archive, http or https.")],
) -> None:
    """Tell an edge node which model to fetch, try and run; see `devices remote` for how it goes."""
    from hub.devices.remote import Wanted, desire_model
    from models.signing import Release

    settings = _settings()
    try:
        paper = Release.model_validate_json(release.read_bytes())
    except (OSError, ValidationError) as error:
        _fail(f"{release} is no paper of a signed model: {error}")
    wanted = Wanted(paper.name, paper.model_version, url, paper.sha256, paper.signature)

    async def work() -> None:
        async with open_pool(_url(settings), name="model") as pool, pool.connection() as db:
            version = await desire_model(db, device_id, wanted, "user:cli", now())
        out.print(f"{device_id} is told model {paper.name} {paper.model_version}: wish {version}")

    _run(work())


@devices_app.command()
def remote(device_id: Annotated[str, typer.Argument(help="Any device: E-01.")]) -> None:
    """Show what a device should run, what it says that it runs, and how it is doing."""
    from hub.devices.remote import remote_of

    settings = _settings()

    async def work() -> None:
        async with open_pool(_url(settings), name="remote") as pool, pool.connection() as db:
            found = await remote_of(db, device_id)
        for what, side in (("configuration", found.config), ("model", found.model)):
            out.print(f"{what} desired at {side.desired_at}, reported at {side.reported_at}")
            wish = side.desired and side.desired.model_dump(mode="json", exclude={"settings"})
            report = side.reported and side.reported.model_dump(mode="json", exclude_none=True)
            out.print_json(data={"desired": wish, "reported": report})
        if found.health is not None:
            out.print("health")
            out.print_json(found.health.model_dump_json(exclude_none=True))

    _run(work())


@devices_app.command()
def wishes(
    device_id: Annotated[str, typer.Argument(help="Any device: E-01.")],
    model: Annotated[bool, typer.Option("--model", help="Models, not configurations.")] = False,
) -> None:
    """Show what a device was asked to run, by whom, and what became of it; the newest first."""
    from hub.devices.remote import Aspect
    from hub.devices.wishes import Wish, list_wishes

    settings = _settings()
    aspect = Aspect.MODEL if model else Aspect.CONFIG

    async def work() -> list[Wish]:
        async with open_pool(_url(settings), name="wishes") as pool, pool.connection() as db:
            return (await list_wishes(db, device_id, aspect, None, 20))[0]

    table = Table("version", "asked by", "at", "outcome", "changed", "error")
    for wish in _run(work()):
        said = (str(wish.outcome), ", ".join(wish.changed), wish.error or "")
        table.add_row(str(wish.version), wish.asked_by, f"{wish.asked_at:%F %T}", *said)
    out.print(table)


def _read_json(file: Path) -> dict[str, JsonValue]:
    try:
        return TypeAdapter(dict[str, JsonValue]).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        _fail(f"{file} is no JSON object: {error}")


@geofences_app.command("import")
def geofences_import(
    file: Annotated[
        Path, typer.Argument(help="GeoJSON FeatureCollection of polygons; docs/geofences.md.")
    ],
    gcj02: Annotated[
        bool, typer.Option("--gcj02", help="The coordinates are GCJ-02, as Chinese web maps draw.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Draw fences, or draw them anew: all of them, or none where a feature is bad."""
    from hub.geofences.commands import FenceReport, import_fences
    from hub.geofences.geojson import parse_text
    from wire.messages import Crs

    settings = _settings()
    try:
        data = file.read_bytes()
    except OSError as error:
        _fail(f"{file} can't be read: {error.strerror}")

    async def work() -> FenceReport:
        async with open_pool(_url(settings), name="import") as pool, pool.connection() as db:
            drawing = parse_text(data, Crs.GCJ02 if gcj02 else Crs.WGS84)
            return await import_fences(db, drawing, actor="user:cli", now=now(), dry_run=dry_run)

    report = _run(work())
    out.print(report.text(), markup=False, highlight=False)
    if report.bad:
        raise typer.Exit(1)


@geofences_app.command("list")
def geofences_list() -> None:
    """Show the fences that are watched, and how many terminals are in each."""
    from hub.geofences.store import ListedFence, list_fences

    settings = _settings()

    async def work() -> list[ListedFence]:
        async with open_pool(_url(settings), name="list") as pool, pool.connection() as db:
            return await list_fences(db)

    table = Table("geofence", "name", "margin m", "settle s", "dwell s", "inside")
    for each in _run(work()):
        figures = (each.margin_m, each.settle_s, each.dwell_s or 0, each.inside)
        table.add_row(each.geofence_id, each.name_zh, *(f"{figure:g}" for figure in figures))
    out.print(table)


@geofences_app.command()
def retire(geofence_id: str) -> None:
    """Watch a fence no longer; what happened at it is kept."""
    from hub.geofences.commands import retire_fence

    settings = _settings()

    async def work() -> None:
        async with open_pool(_url(settings), name="retire") as pool, pool.connection() as db:
            await retire_fence(db, geofence_id, "user:cli", now())

    _run(work())
    out.print(f"{geofence_id} is watched no longer")


@catalogue_app.command("import")
def catalogue_import(
    file: Path,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Import a district's own responsibility list as a new version."""
    from hub.catalogue.commands import import_catalogue

    settings = _settings()

    async def work() -> None:
        async with open_pool(_url(settings), name="import") as pool, pool.connection() as db:
            report = await import_catalogue(db, file, actor="user:cli", now=now(), dry_run=dry_run)
            out.print(report.text())

    _run(work())


@accounts_app.command("create")
def accounts_create(
    username: str,
    role: Annotated[
        Role, typer.Option(help="dispatcher, seat_operator, unit_handler, supervisor or admin")
    ],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    unit: Annotated[str | None, typer.Option(help="A unit handler's unit.")] = None,
    name: Annotated[str | None, typer.Option(help="Shown in the console.")] = None,
) -> None:
    """Make a log-in for a person."""
    from hub.accounts.commands import create_account

    settings = _settings()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def work() -> None:
        async with open_pool(_url(settings), name="accounts") as pool, pool.connection() as db:
            await create_account(db, username, name or username, role, unit, password, now())
            out.print(f"account {username} made")

    _run(work())


class AccountLine(BaseModel):
    """One account of `accounts import`."""

    model_config = ConfigDict(extra="forbid")

    username: str
    role: Role
    password: str
    unit: str | None = None
    name: str | None = None


@accounts_app.command("import")
def accounts_import() -> None:
    """Make log-ins from standard input: a line of JSON each, with username, role, password, unit, name.

    All of them are made, or none.
    """
    from hub.accounts.commands import create_account

    settings = _settings()
    lines = []
    for number, line in enumerate(filter(str.strip, sys.stdin), 1):
        try:
            lines.append(AccountLine.model_validate_json(line))
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            _fail(f"line {number}: {where}: {error.errors()[0]['msg']}")

    async def work() -> None:
        async with open_pool(_url(settings), name="accounts") as pool, pool.connection() as db:
            for line in lines:
                name = line.name or line.username
                await create_account(
                    db, line.username, name, line.role, line.unit, line.password, now()
                )
        out.print(f"{len(lines)} accounts made")

    _run(work())


@journal_app.command()
def verify() -> None:
    """Check every hash chain of the journal."""
    from hub.journal import Subject, chain_breaks, entries_of
    from hub.journal.store import subjects

    settings = _settings()

    async def work() -> None:
        broken = checked = 0
        async with open_pool(_url(settings), name="verify") as pool, pool.connection() as db:
            for subject, subject_id in await subjects(db):
                entries = await entries_of(db, Subject(subject), subject_id)
                checked += len(entries)
                for journal_id in chain_breaks(entries):
                    broken += 1
                    err.print(f"{subject} {subject_id}: the chain breaks at entry {journal_id}")
        out.print(f"{checked} entries checked, {broken} breaks")
        if broken:
            raise typer.Exit(1)

    _run(work())


if __name__ == "__main__":
    app()
