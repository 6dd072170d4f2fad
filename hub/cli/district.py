"""The district: units, territories, assets, devices."""

from pathlib import Path

import typer

from hub.cli.running import in_transaction, out
from hub.clock import now

app = typer.Typer(help="The district: units, territories, assets, devices.", no_args_is_help=True)


@app.callback()
def district() -> None:
    """The district: units, territories, assets, devices."""


@app.command("import")
def import_(folder: Path) -> None:
    """Import a district folder into the registry; nothing is deleted."""
    from hub.district.importing import import_district

    for what, count in in_transaction(lambda work: import_district(work.db, folder, now())).items():
        out.print(f"{what}: {count}")
