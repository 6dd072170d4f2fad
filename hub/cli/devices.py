"""Registered devices, their logins, and what they are told to run."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue, TypeAdapter, ValidationError
from rich.table import Table

from hub.cli.running import fail, in_transaction, out, password, read_file, settings
from hub.errors import HubError

app = typer.Typer(help="Registered devices and their logins.", no_args_is_help=True)


@app.command()
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
    from hub.devices.registry import registered
    from hub.district.importing import read_devices

    given = settings()
    hub_password = password(given) or fail("PATROLHUB_MQTT_PASSWORD is needed to log the hub in")
    try:
        devices = (
            in_transaction(lambda work: registered(work.db)) if registry else read_devices(folder)
        )
    except HubError as error:
        fail(error.detail)
    path = folder / "credentials.json"
    passwords = provisioning.make_passwords(devices, provisioning.read_passwords(path))
    provisioning.write_private(path, provisioning.as_json(passwords))
    hub = (given.mqtt_username, hub_password)
    provisioning.write_broker_files(broker, given.district, devices, passwords, hub)
    out.print(f"{len(passwords)} logins; passwords in {path}, broker files in {broker}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV as `devices export` writes it.")],
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Bring the registry to what a CSV file says: all of it, or nothing if a line is bad.

    A device that the file lacks stays; a column that it lacks leaves what is known; an empty cell
    says that there is nothing. Devices that are new need a login: `devices provision --registry`.
    """
    from hub.devices.listing import decode_listing
    from hub.devices.registry import import_listing

    data = read_file(file)
    report = in_transaction(
        lambda work: import_listing(work, decode_listing(data), dry_run=dry_run)
    )
    out.print(report.text(), markup=False, highlight=False)
    if report.bad:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Standard output if left out.")] = None,
) -> None:
    """Write the registry as CSV, for a spreadsheet and for `devices import`."""
    from hub.devices.listing import write_listing
    from hub.devices.registry import registered

    rows = in_transaction(lambda work: registered(work.db))
    text = write_listing(rows)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8-sig", newline="")
        out.print(f"{len(rows)} devices written to {file}")


@app.command()
def explain(
    gb28181_id: Annotated[str, typer.Argument(help="20 digits of GB/T 28181.")],
) -> None:
    """Say what the digits of a GB/T 28181 id mean."""
    from hub.devices.gb28181 import parse_gb28181

    try:
        parts = parse_gb28181(gb28181_id).explained()
    except ValueError as error:
        fail(str(error))
    for name, words in parts.items():
        out.print(f"{name:9}{words}", markup=False, highlight=False)


@app.command()
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

    wish = _read_json(file)
    version = in_transaction(lambda work: desire_config(work, device_id, wish))
    out.print(f"{device_id} is told configuration {version}")


@app.command()
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

    try:
        paper = Release.model_validate_json(read_file(release))
    except ValidationError as error:
        fail(f"{release} is no paper of a signed model: {error}")
    wanted = Wanted(paper.name, paper.model_version, url, paper.sha256, paper.signature)
    version = in_transaction(lambda work: desire_model(work, device_id, wanted))
    out.print(f"{device_id} is told model {paper.name} {paper.model_version}: wish {version}")


@app.command()
def remote(device_id: Annotated[str, typer.Argument(help="Any device: E-01.")]) -> None:
    """Show what a device should run, what it says that it runs, and how it is doing."""
    from hub.devices.remote import remote_of

    found = in_transaction(lambda work: remote_of(work.db, device_id))
    for what, side in (("configuration", found.config), ("model", found.model)):
        out.print(f"{what} desired at {side.desired_at}, reported at {side.reported_at}")
        wish = side.desired and side.desired.model_dump(mode="json", exclude={"settings"})
        report = side.reported and side.reported.model_dump(mode="json", exclude_none=True)
        out.print_json(data={"desired": wish, "reported": report})
    if found.health is not None:
        out.print("health")
        out.print_json(found.health.model_dump_json(exclude_none=True))


@app.command()
def wishes(
    device_id: Annotated[str, typer.Argument(help="Any device: E-01.")],
    model: Annotated[bool, typer.Option("--model", help="Models, not configurations.")] = False,
) -> None:
    """Show what a device was asked to run, by whom, and what became of it; the newest first."""
    from hub.devices.remote import Aspect
    from hub.devices.wishes import list_wishes

    aspect = Aspect.MODEL if model else Aspect.CONFIG
    found, _more = in_transaction(lambda work: list_wishes(work.db, device_id, aspect, None, 20))
    table = Table("version", "asked by", "at", "outcome", "changed", "error")
    for wish in found:
        said = (str(wish.outcome), ", ".join(wish.changed), wish.error or "")
        table.add_row(str(wish.version), wish.asked_by, f"{wish.asked_at:%F %T}", *said)
    out.print(table)


def _read_json(file: Path) -> dict[str, JsonValue]:
    try:
        return TypeAdapter(dict[str, JsonValue]).validate_json(read_file(file))
    except ValidationError as error:
        fail(f"{file} is no JSON object: {error}")
