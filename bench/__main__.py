"""The benchmarks' commands."""

import typer

from bench.cases.command import cases
from bench.crash.command import crash
from bench.dedup.command import dedup
from bench.dispatch.command import dispatch
from bench.edge.command import edge
from bench.edge.rtsp import rtsp
from bench.edge.tiles import tiles
from bench.fleet.command import check_fleet, fleet
from bench.ingest.command import ingest
from bench.live.command import live
from bench.queries.command import queries

app = typer.Typer(
    help="Measure the performance of the project's parts. Every benchmark says how it measures, bounds "
    "its load, and ends with one line of JSON.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(cases)
app.command()(dedup)
app.command()(dispatch)
app.command()(edge)
app.command()(fleet)
app.command("check-fleet")(check_fleet)
app.command()(ingest)
app.command()(live)
app.command()(queries)
app.command()(crash)
app.command()(rtsp)
app.command()(tiles)


@app.callback()
def main() -> None:
    """Choose a benchmark."""


if __name__ == "__main__":
    app()
