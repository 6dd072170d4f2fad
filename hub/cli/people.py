"""The registry of grid workers."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.running import in_transaction, out, read_file

app = typer.Typer(help="The registry of grid workers.", no_args_is_help=True)


@app.callback()
def people() -> None:
    """The registry of grid workers."""


@app.command("import")
def import_(
    file: Path,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Import a CSV or XLSX file with the columns worker_id, name, village, phone, active."""
    from hub.people.commands import import_workers

    data = read_file(file)
    report = in_transaction(lambda work: import_workers(work, data, file.name, dry_run=dry_run))
    out.print(report.text(), markup=False, highlight=False)
    if report.bad:
        raise typer.Exit(2)


@app.command()
def assign(
    device_id: str,
    worker_id: Annotated[str | None, typer.Argument(help="Nobody if left out.")] = None,
) -> None:
    """Say who holds a terminal from now on."""
    from hub.people.commands import assign_terminal

    in_transaction(lambda work: assign_terminal(work, device_id, worker_id))
    out.print(f"{device_id} is held by {worker_id or 'nobody'}")
