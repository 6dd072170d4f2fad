"""Photos by their hash: check that the store has them, unchanged."""

import typer
from rich.progress import MofNCompleteColumn, Progress

from hub.cli.running import err, out, run, secret, settings
from hub.clock import now
from hub.db import open_pool

app = typer.Typer(help="Photos as evidence.", no_args_is_help=True)


@app.callback()
def evidence() -> None:
    """Photos as evidence."""


@app.command()
def verify() -> None:
    """Read every photo and check its hash. Exit code 1 if one is missing or changed.

    Files that belong to no photo are named, too; they do no harm.
    """
    from hub.evidence import open_evidence
    from hub.evidence.verifying import EvidenceReport, verify_evidence

    given = settings()

    async def work() -> EvidenceReport:
        store = open_evidence(given.evidence_url)
        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("photos", total=None)
            async with open_pool(secret(given.database_url), name="cli", max_size=1) as pool:
                return await verify_evidence(
                    pool,
                    store,
                    now,
                    lambda done, total: progress.update(task, completed=done, total=total),
                )

    report = run(work())
    for fault, names in (
        ("missing", report.missing),
        ("changed", report.changed),
        ("foreign", report.foreign),
    ):
        for name in names:
            err.print(f"{fault}: {name}", markup=False, highlight=False)
    out.print(
        f"{report.checked} photos checked: {len(report.missing)} missing, "
        f"{len(report.changed)} changed; {len(report.foreign)} foreign files"
    )
    if not report.is_whole:
        raise typer.Exit(1)
