"""The responsibility list."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.running import in_transaction, out

app = typer.Typer(help="The responsibility list.", no_args_is_help=True)


@app.callback()
def catalogue() -> None:
    """The responsibility list."""


@app.command("import")
def import_(
    file: Path,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Import a district's own responsibility list as a new version."""
    from hub.catalogue.commands import import_catalogue

    report = in_transaction(lambda work: import_catalogue(work, file, dry_run=dry_run))
    out.print(report.text())
