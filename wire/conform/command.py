"""`python -m wire conform`: the command line of a trial."""

from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from wire import topics
from wire.conform.command_checks import (
    check_commands,
    check_config,
    check_expired,
    check_repeat,
    check_unknown,
)
from wire.conform.connection_checks import (
    check_birth,
    check_last_will,
    check_resend,
    check_takeover,
)
from wire.conform.line import Line, line
from wire.conform.orders import TrialPlace
from wire.conform.played_hub import BrokerAccess, DeviceOnTrial, NoBroker, played_hub
from wire.conform.report_checks import check_form, check_sos, check_telemetry
from wire.conform.sheet import Finding, Sheet, Verdict
from wire.conform.trial import Trial, TrialLimits, TrialOptions
from wire.topics import Kind, Leaf, UnknownTopic

_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.NOT_TRIED: "yellow"}
_CHECKS = (
    check_birth,
    check_telemetry,
    check_unknown,
    check_expired,
    check_repeat,
    check_config,
    check_commands,
    check_sos,
    check_resend,
    check_last_will,
    check_takeover,
    check_form,
)


def conform(
    device: Annotated[str, typer.Option(help="The id of the device on trial.")],
    password_file: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="File with the password of --username."),
    ],
    broker: Annotated[str, typer.Option(help="HOST or HOST:PORT.")] = "127.0.0.1:1883",
    device_broker: Annotated[
        str | None,
        typer.Option(help="HOST:PORT where devices log in, if the hub's login has another one."),
    ] = None,
    username: Annotated[
        str, typer.Option(help="A login that may read and write the whole tree, as the hub's.")
    ] = "hub",
    district: Annotated[str, typer.Option(help="District code in the topics.")] = "530303",
    kind: Annotated[Kind, typer.Option(help="What the device is.")] = Kind.TERMINAL,
    ca: Annotated[
        Path | None, typer.Option(exists=True, help="Certificate of the authority; turns TLS on.")
    ] = None,
    device_password_file: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            help="The device's own password: another client takes its id once.",
        ),
    ] = None,
    line_port: Annotated[
        int | None,
        typer.Option(
            "--line",
            min=1,
            max=65535,
            help="Port of this computer that the device connects to in place of the broker: the "
            "line is cut once, to see the last will.",
        ),
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Somebody is at the device: ask for an SOS too.")
    ] = False,
    disturb: Annotated[
        bool, typer.Option("--disturb", help="Try `lock` and `reboot` too.")
    ] = False,
    place: Annotated[str, typer.Option(help="LON,LAT of the tasks, in WGS-84.")] = "103.82,25.6",
    whip_host: Annotated[
        str, typer.Option(help="Address of this computer that the device can reach, for video.")
    ] = "127.0.0.1",
    person_s: Annotated[
        float, typer.Option(min=1, help="Seconds that a person may take to answer a command.")
    ] = 120.0,
    device_s: Annotated[
        float, typer.Option(min=1, help="Seconds that the device alone may take.")
    ] = 30.0,
    samples_s: Annotated[
        float, typer.Option(min=1, help="Seconds in which samples must come.")
    ] = 60.0,
    returns_s: Annotated[
        float, typer.Option(min=1, help="Seconds in which a device that was cut off must be back.")
    ] = 90.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the sheet to this file too.")
    ] = None,
) -> None:
    """Play the hub against a real device, and print what it does by the contract and what it doesn't.

    Stop the hub first: two hubs at one broker confuse the device. Exits with 1 if a check fails, with
    2 if the broker can't be used.
    """
    tested = DeviceOnTrial(
        district, kind, _device_id(district, kind, device), _word(device_password_file)
    )
    options = TrialOptions(
        TrialLimits(device_s, person_s, samples_s, returns_s),
        _place(place),
        whip_host,
        by_hand=by_hand,
        disturb=disturb,
    )
    password = password_file.read_text().strip()
    devices_at = None if device_broker is None else _host_and_port(device_broker)
    access = BrokerAccess(*_host_and_port(broker), username, password, ca, devices_at)
    sheet = Sheet(device)
    try:
        with _line(line_port, access) as through:
            run_trial(access, tested, options, sheet, through)
    except (NoBroker, OSError) as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(2) from None
    typer.echo(sheet.summary())
    if json_file is not None:
        json_file.write_text(sheet.as_json())
    raise typer.Exit(0 if sheet.passed else 1)


def run_trial(
    access: BrokerAccess,
    tested: DeviceOnTrial,
    options: TrialOptions,
    sheet: Sheet,
    through: Line | None = None,
) -> None:
    """Make every check, and fill the sheet. What the trial published retained is removed at the end.

    Raises NoBroker.
    """
    with played_hub(access, tested) as hub:
        kept = hub.stored(Leaf.CONFIG_DESIRED)
        trial = Trial(hub, options, sheet, typer.echo, _show, through)
        try:
            for check in _CHECKS:
                check(trial)
        finally:
            with suppress(NoBroker):
                hub.put_back(Leaf.CONFIG_DESIRED, kept)


def _line(port: int | None, access: BrokerAccess) -> AbstractContextManager[Line | None]:
    if port is None:
        return nullcontext()
    typer.echo(f"The device should connect to port {port} of this computer.")
    return line(("0.0.0.0", port), access.device_address)  # noqa: S104  devices come from outside


def _show(finding: Finding) -> None:
    mark = typer.style(f"{finding.verdict:9}", fg=_COLOURS[finding.verdict])
    rule = f"  [{finding.rule}]" if finding.verdict is Verdict.FAIL else ""
    typer.echo(f"{mark} {finding.check}: {finding.found}{rule}")


def _device_id(district: str, kind: Kind, device_id: str) -> str:
    try:
        topics.device(district, kind, device_id, Leaf.STATUS)
    except UnknownTopic as error:
        raise typer.BadParameter(error.reason) from None
    return device_id


def _word(path: Path | None) -> str | None:
    return None if path is None else path.read_text().strip()


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, 1883
    if not port.isdecimal():
        raise typer.BadParameter(f"{text!r} is not HOST or HOST:PORT", param_hint="--broker")
    return host, int(port)


def _place(text: str) -> TrialPlace:
    try:
        lon, lat = map(float, text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not LON,LAT", param_hint="--place") from None
    return TrialPlace(lon, lat)
