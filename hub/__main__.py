"""The hub's command line: every process and every chore, wired here and nowhere else."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from prometheus_client import start_http_server
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.table import Table

from hub import __version__, logs
from hub.accounts.account import Role
from hub.clock import now
from hub.db import open_pool
from hub.errors import HubError
from hub.settings import Settings, UnknownVariable, read_settings

app = typer.Typer(
    help="The patrolhub hub. Settings are read from PATROLHUB_* variables (docs/configuration.md).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
district_app = typer.Typer(
    help="The district: units, territories, assets, devices.", no_args_is_help=True
)
devices_app = typer.Typer(help="Registered devices and their logins.", no_args_is_help=True)
catalogue_app = typer.Typer(help="The responsibility list.", no_args_is_help=True)
accounts_app = typer.Typer(help="People who log in to the console.", no_args_is_help=True)
journal_app = typer.Typer(help="The record of everything that happened.", no_args_is_help=True)
app.add_typer(district_app, name="district")
app.add_typer(devices_app, name="devices")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(accounts_app, name="accounts")
app.add_typer(journal_app, name="journal")

out, err = Console(), Console(stderr=True)


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


def _run(work: Coroutine[object, object, None]) -> None:
    try:
        asyncio.run(work)
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
) -> None:
    """Receive what devices send: stored, then acknowledged."""
    from hub.evidence import open_evidence
    from hub.ingest.loop import Ingest
    from hub.ingest.subscriber import Broker, Subscriber

    settings = _settings()
    logs.configure()
    _serve_metrics(settings)
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
    subscriber = Subscriber(broker, settings.district, __version__)
    evidence = open_evidence(settings.evidence_url)
    Ingest(subscriber, _url(settings), evidence, settings.district).run(stop)


@app.command()
def worker() -> None:
    """Turn what came in into cases and commands, publish, and keep the time."""
    from hub.cases.repair_judge import load_judge
    from hub.evidence import open_evidence
    from hub.worker.run import Login, run_worker
    from hub.worker.timers import Timers

    settings = _settings()
    logs.configure()
    _serve_metrics(settings)

    async def work() -> None:
        async with open_pool(_url(settings), name="worker", max_size=10) as pool:
            evidence = open_evidence(settings.evidence_url)
            timers = Timers(pool, now, evidence, load_judge(settings.model_dir))
            login = Login(
                settings.mqtt_host,
                settings.mqtt_port,
                settings.mqtt_username,
                _password(settings),
                client_id=f"hub-worker-{socket.gethostname()}-{os.getpid()}",
            )
            await run_worker(_url(settings), pool, login, timers, now)

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
    from hub.server import serve

    settings = _settings()
    logs.configure()
    serve(settings)


@app.command()
def openapi() -> None:
    """Print the OpenAPI description of the api."""
    from hub.app import openapi_text

    sys.stdout.write(openapi_text())


@app.command()
def migrate() -> None:
    """Bring the database to the present schema; safe to run again."""
    from hub.catalogue.commands import import_starter
    from hub.db import migrate as migrations
    from hub.deadlines.store import seed_calendar
    from hub.telemetry.partitions import make_partitions

    settings = _settings()
    logs.configure()
    migrations.migrate(_url(settings))

    async def work() -> None:
        await migrations.install_job_queue(_url(settings))
        async with open_pool(_url(settings), name="migrate") as pool, pool.connection() as db:
            today = now()
            await make_partitions(db, today)
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
            for name, value in await read_status(db):
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
) -> None:
    """Give every device a login of its own, and write the broker's files."""
    from hub.devices import provisioning
    from hub.devices.district import read_devices

    settings = _settings()
    hub_password = _password(settings) or _fail(
        "PATROLHUB_MQTT_PASSWORD is needed to log the hub in"
    )
    try:
        devices = read_devices(folder)
    except HubError as error:
        _fail(error.detail)
    path = folder / "credentials.json"
    passwords = provisioning.make_passwords(devices, provisioning.read_passwords(path))
    provisioning.write_private(path, provisioning.as_json(passwords))
    hub = (settings.mqtt_username, hub_password)
    provisioning.write_broker_files(broker, settings.district, devices, passwords, hub)
    out.print(f"{len(passwords)} logins; passwords in {path}, broker files in {broker}")


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
