"""The edge node's commands. Heavy libraries are imported inside the command that needs them."""

import typer

from edge.cli.calibrate import calibrate
from edge.cli.detect import detect
from edge.cli.run import RUN_HELP, run

app = typer.Typer(
    help="Watch street cameras for faults and tell the hub of each one once it is certain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(help=RUN_HELP)(run)
app.command()(detect)
app.command()(calibrate)
