"""The record of everything that happened."""

import typer

from hub.cli.running import err, in_transaction, out
from hub.db import Connection

app = typer.Typer(help="The record of everything that happened.", no_args_is_help=True)


@app.callback()
def journal() -> None:
    """The record of everything that happened."""


@app.command()
def verify() -> None:
    """Check every hash chain of the journal."""
    checked, broken = in_transaction(lambda work: _verify(work.db))
    out.print(f"{checked} entries checked, {broken} breaks")
    if broken:
        raise typer.Exit(1)


async def _verify(db: Connection) -> tuple[int, int]:
    """The numbers of entries checked and of breaks; each break is printed."""
    from hub.journal import Subject, chain_breaks, entries_of
    from hub.journal.store import subjects

    broken = checked = 0
    for subject, subject_id in await subjects(db):
        entries = await entries_of(db, Subject(subject), subject_id)
        checked += len(entries)
        for journal_id in chain_breaks(entries):
            broken += 1
            err.print(f"{subject} {subject_id}: the chain breaks at entry {journal_id}")
    return checked, broken
