"""Registered devices, their logins, and their desired configurations and models."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue, TypeAdapter, ValidationError
from rich.table import Table

from hub.cli.running import fail, in_transaction, out, password, read_file, settings
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.devices.desired_signing import DesiredSigner
    from hub.devices.listing import RegistryRow
    from wire.messages import RollbackPermit

app = typer.Typer(help="Registered devices and their logins.", no_args_is_help=True)


@app.command()
def provision(
    folder: Annotated[
        Path, typer.Argument(help="The district folder; credentials.json goes there.")
    ],
    broker: Annotated[Path, typer.Option(help="The folder for Mosquitto's files.")],
    credentials: Annotated[
        Path | None,
        typer.Option(help="The file of all passwords, instead of FOLDER/credentials.json."),
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(
            help="A folder for what each process needs: NODE/password for an edge node, "
            "field/field.json for simulated terminals and cameras."
        ),
    ] = None,
    registry: Annotated[
        bool, typer.Option("--registry", help="Take the devices from the database, not the folder.")
    ] = False,
) -> None:
    """Give every device a login of its own, and write the broker's files."""
    from hub.devices import provisioning
    from hub.devices.broker_files import write_private

    devices = _devices_of(None if registry else folder)
    path = credentials or folder / "credentials.json"
    passwords = provisioning.make_passwords(devices, provisioning.read_passwords(path))
    _write_logins(broker, devices, passwords)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, provisioning.as_json(passwords))
    if secrets is not None:
        provisioning.write_secrets(secrets, devices, passwords)
    out.print(f"{len(passwords)} logins; passwords in {path}, broker files in {broker}")


def _write_logins(
    broker: Path, devices: "list[RegistryRow]", passwords: "Mapping[str, str]"
) -> None:
    from hub.devices.broker_files import write_broker_files
    from hub.devices.provisioning import broker_logins

    given = settings()
    hub_password = password(given) or fail(
        "PATROLHUB_MQTT_PASSWORD is needed for the hub's own login"
    )
    try:
        hub = (given.mqtt_username, hub_password)
        write_broker_files(broker, broker_logins(given.district, devices), passwords, hub)
    except ValueError as error:
        fail(str(error))


def _devices_of(folder: Path | None) -> "list[RegistryRow]":
    """The devices of a district folder, or of the registry without one."""
    from hub.devices.registry import registered
    from hub.district.importing import read_devices

    if folder is None:
        return list(in_transaction(lambda work: registered(work.db)))
    try:
        return list(read_devices(folder))
    except HubError as error:
        fail(error.detail)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV as `devices export` writes it.")],
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Update the registry from a CSV file: all of it, or nothing if a line is bad.

    A device that is not in the file stays. A missing column leaves the known values; an empty cell
    clears the value. New devices need a login: `devices provision --registry`.
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
    """Explain the digits of a GB/T 28181 id."""
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
    """Set the configuration of a device; it answers with the revision, or says why it refuses.

    The device keeps its own values for settings that the file leaves out; {} resets all of them.
    """
    from hub.devices.remote import desire_config

    desired = _read_json(file)
    signer = _signer()
    version = in_transaction(lambda work: desire_config(work, device_id, desired, signer))
    out.print(f"configuration of {device_id} set: revision {version}")


@app.command()
def model(
    device_id: Annotated[str, typer.Argument(help="An edge node: E-01.")],
    release: Annotated[
        Path,
        typer.Argument(
            help="The file that `python -m models pack --key` wrote: NAME-VERSION.json."
        ),
    ],
    url: Annotated[str, typer.Option(help="The address of the archive, http or https.")],
    rollback: Annotated[
        Path | None,
        typer.Option(help="For an older model: the file of `python -m models permit-rollback`."),
    ] = None,
) -> None:
    """Set the model that an edge node should download, try and run; `devices remote` shows its progress."""
    from hub.devices.remote import NewModelRevision, desire_model
    from models.signing import Release

    try:
        signed = Release.model_validate_json(read_file(release))
    except ValidationError as error:
        fail(f"{release} is not the release file of a signed model: {error}")
    permit = None if rollback is None else _read_permit(rollback, device_id)
    try:
        desired = NewModelRevision(
            name=signed.name,
            model_version=signed.model_version,
            url=url,
            sha256=signed.sha256,
            signature=signed.signature,
            rollback=permit,
        )
    except ValidationError as error:
        fail(f"the edge node could not use this: {error}")
    signer = _signer()
    version = in_transaction(lambda work: desire_model(work, device_id, desired, signer))
    out.print(
        f"model of {device_id} set to {signed.name} {signed.model_version}: revision {version}"
    )


def _signer() -> "DesiredSigner | None":
    from hub.devices.desired_signing import read_signer

    try:
        return read_signer(settings().desired_key_file)
    except HubError as error:
        fail(error.detail)


def _read_permit(file: Path, device_id: str) -> "RollbackPermit":
    from models.signing import RollbackPaper
    from wire.messages import RollbackPermit

    try:
        paper = RollbackPaper.model_validate_json(read_file(file))
    except ValidationError as error:
        fail(f"{file} is not a permit to go back to an older model: {error}")
    if paper.edge_id != device_id:
        fail(f"{file} is for {paper.edge_id}, not for {device_id}")
    return RollbackPermit.model_validate(paper.model_dump(), extra="ignore")


@app.command()
def remote(device_id: Annotated[str, typer.Argument(help="Any device: E-01.")]) -> None:
    """Show what a device should run, what it reports to run, and its health."""
    from hub.devices.remote import remote_of

    found = in_transaction(lambda work: remote_of(work.db, device_id))
    for what, side in (("configuration", found.config), ("model", found.model)):
        out.print(f"{what} desired at {side.desired_at}, reported at {side.reported_at}")
        desired = side.desired and side.desired.model_dump(mode="json", exclude={"settings"})
        report = side.reported and side.reported.model_dump(mode="json", exclude_none=True)
        out.print_json(data={"desired": desired, "reported": report})
    if found.health is not None:
        out.print("health")
        out.print_json(found.health.model_dump_json(exclude_none=True))


@app.command()
def revisions(
    device_id: Annotated[str, typer.Argument(help="Any device: E-01.")],
    model: Annotated[
        bool, typer.Option("--model", help="Models instead of configurations.")
    ] = False,
) -> None:
    """Show the revisions of what a device should run, who asked for them, and their outcome."""
    from hub.devices.remote import Aspect
    from hub.devices.revisions import list_revisions

    aspect = Aspect.MODEL if model else Aspect.CONFIG
    found, _more = in_transaction(lambda work: list_revisions(work.db, device_id, aspect, None, 20))
    table = Table("revision", "asked by", "at", "outcome", "changed", "error")
    for each in found:
        said = (str(each.outcome), ", ".join(each.changed), each.error or "")
        table.add_row(str(each.version), each.asked_by, f"{each.asked_at:%F %T}", *said)
    out.print(table)


def _read_json(file: Path) -> dict[str, JsonValue]:
    try:
        return TypeAdapter(dict[str, JsonValue]).validate_json(read_file(file))
    except ValidationError as error:
        fail(f"{file} does not hold a JSON object: {error}")
