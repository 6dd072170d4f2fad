"""Areas in which terminals entering, leaving or staying make events."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.cli.running import in_transaction, out, read_file
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(
    help="Areas in which terminals entering, leaving or staying make events.", no_args_is_help=True
)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="GeoJSON FeatureCollection of polygons; docs/geofences.md.")
    ],
    gcj02: Annotated[
        bool, typer.Option("--gcj02", help="The coordinates are GCJ-02, as on Chinese web maps.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Draw new fences or redraw known ones: all of them, or none if a feature is bad."""
    from hub.geofences.commands import FenceReport, import_fences
    from hub.geofences.geojson import parse_text
    from wire.messages import Crs

    data = read_file(file)

    async def draw(work: UnitOfWork) -> FenceReport:
        drawing = parse_text(data, Crs.GCJ02 if gcj02 else Crs.WGS84)
        return await import_fences(work, drawing, dry_run=dry_run)

    report = in_transaction(draw)
    out.print(report.text(), markup=False, highlight=False)
    if report.bad:
        raise typer.Exit(1)


@app.command("list")
def list_() -> None:
    """Show the fences that are watched, and the number of terminals in each."""
    from hub.geofences.store import list_fences

    table = Table("geofence", "name", "margin m", "settle s", "dwell s", "inside")
    for each in in_transaction(lambda work: list_fences(work.db)):
        figures = (each.margin_m, each.settle_s, each.dwell_s or 0, each.inside)
        table.add_row(each.geofence_id, each.name_zh, *(f"{figure:g}" for figure in figures))
    out.print(table)


@app.command()
def retire(geofence_id: str) -> None:
    """Stop watching a fence; its events are kept."""
    from hub.geofences.commands import retire_fence

    in_transaction(lambda work: retire_fence(work, geofence_id))
    out.print(f"{geofence_id} is no longer watched")
