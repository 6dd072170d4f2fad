"""The hub's command line, `python -m hub`: processes and maintenance, one file for each noun."""

import typer

from hub.cli import (
    accounts,
    audit,
    calendar,
    catalogue,
    deadline,
    devices,
    digest,
    district,
    evidence,
    explain,
    geofences,
    indicators,
    journal,
    ladder,
    letters,
    operations,
    people,
    points,
    processes,
    quality,
    rehearsal,
)

app = typer.Typer(
    help="The patrolhub hub. Settings are read from PATROLHUB_* variables (docs/configuration.md).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(processes.ingest)
app.command()(processes.worker)
app.command()(processes.api)
app.command()(operations.migrate)
app.command()(operations.status)
app.command()(operations.openapi)
app.command()(explain.explain)
app.command()(deadline.deadline)
app.command()(rehearsal.rehearse)
app.add_typer(district.app, name="district")
app.add_typer(devices.app, name="devices")
app.add_typer(geofences.app, name="geofences")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(calendar.app, name="calendar")
app.add_typer(accounts.app, name="accounts")
app.add_typer(audit.app, name="audit")
app.add_typer(evidence.app, name="evidence")
app.add_typer(journal.app, name="journal")
app.add_typer(indicators.app, name="indicators")
app.add_typer(quality.app, name="quality")
app.add_typer(digest.app, name="digest")
app.add_typer(ladder.app, name="ladder")
app.add_typer(letters.app, name="letters")
app.add_typer(people.app, name="people")
app.add_typer(points.app, name="points")
