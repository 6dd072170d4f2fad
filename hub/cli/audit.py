"""The audit: who looked at tracks, positions, photos, live video, contacts and exports."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.audit.read import ReadKind
from hub.cli.running import in_transaction, out
from hub.clock import TIMEZONE
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(
    help="The audit: who looked at tracks, positions, photos, video, contacts and exports.",
    no_args_is_help=True,
)

Account = Annotated[str | None, typer.Option("--account", help="Only what this account read.")]
Kind = Annotated[list[ReadKind] | None, typer.Option(help="Only this kind; may be repeated.")]
Subject = Annotated[
    str | None, typer.Option(help="Part of what was read, for example device:T-0001.")
]
Since = Annotated[
    datetime | None, typer.Option(help="From this time on, in the district's time zone.")
]
Until = Annotated[datetime | None, typer.Option(help="Before this time.")]


@app.command("list")
def list_(
    account: Account = None,
    kind: Kind = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List who read what, the newest first: time, account, kind, subject, address."""
    from hub.audit.store import AuditFilter, list_reads

    wanted = AuditFilter(
        username=account,
        kinds=tuple(kind or ()),
        subject=subject,
        since=_local(since),
        until=_local(until),
        limit=limit,
    )
    found = in_transaction(lambda work: list_reads(work.db, wanted))
    table = Table("time", "account", "role", "kind", "subject", "address", "page")
    for each in found:
        at = each.at.astimezone(TIMEZONE).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(
            at, each.username, each.role, each.kind, each.subject, each.address, each.page
        )
    out.print(table)


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", help="The file to write: NAME.csv or NAME.xlsx.")],
    account: Account = None,
    kind: Kind = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write the audit to a file; that is a read of the audit, and recorded."""
    from hub.audit.store import AuditFilter
    from hub.tables import TableFormat, write_table

    ending = to.suffix.lower().removeprefix(".")
    if ending not in set(TableFormat):
        raise typer.BadParameter("name a file that ends in .csv or .xlsx", param_hint="--to")
    wanted = AuditFilter(
        username=account,
        kinds=tuple(kind or ()),
        subject=subject,
        since=_local(since),
        until=_local(until),
    )

    async def write(work: UnitOfWork) -> None:
        from hub.audit.recording import record_export_by_hand
        from hub.audit.table import audit_table

        await record_export_by_hand(work, to.name)
        with to.open("wb") as file:
            await write_table(audit_table(work.db, wanted, "zh"), TableFormat(ending), file)

    in_transaction(write)
    out.print(f"audit written to {to}")


def _local(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=TIMEZONE)
