"""Points of grid workers."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.cli.running import fail, in_local_time, in_transaction, out, read_file
from hub.journal.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from pydantic import ValidationError

app = typer.Typer(help="Points of grid workers.", no_args_is_help=True)

_Month = Annotated[str, typer.Argument(help="A month such as 2025-08.")]
_Note = Annotated[str, typer.Option(help="A remark for the books.")]


@app.callback()
def points() -> None:
    """Points of grid workers."""


@app.command()
def show(
    period: Annotated[
        str | None, typer.Argument(help="A month such as 2025-08; the present one if left out.")
    ] = None,
    worker: Annotated[str | None, typer.Option(help="The ledger of this worker.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Print the points of a month, or the ledger of a worker."""
    from hub.points.keeping import keep_points_fully
    from hub.points.reading import ledger_of, read_month, standings
    from hub.points.views import LedgerPage, StandingPage

    async def read(work: UnitOfWork) -> LedgerPage | StandingPage:
        await keep_points_fully(work.db)
        if worker is not None:
            month = None if period is None else read_month(period, work.now)
            return await ledger_of(work.db, worker, period=month, limit=100_000)
        return await standings(work.db, read_month(period, work.now), limit=100_000)

    found = in_transaction(read)
    if json:
        typer.echo(found.model_dump_json(indent=2))
        return
    if not found.items:
        what = worker if worker is not None else "no grid worker is registered; see `people import`"
        out.print(f"{what}: no entry" if worker else what, markup=False, highlight=False)
    elif isinstance(found, StandingPage):
        names = ("worker_id", "name", "earned", "reports", "invalid", "balance", "payable")
        out.print(_table(found.period, names, [each.model_dump() for each in found.items]))
    else:
        names = ("entry_no", "at", "kind", "points", "balance_before", "balance_after", "case_no")
        out.print(_table(str(worker), names, [each.model_dump() for each in found.items]))


@app.command()
def rules(
    file: Annotated[
        Path | None, typer.Argument(help="JSON with new rules; without it, the rules are printed.")
    ] = None,
    effective_from: Annotated[
        str | None, typer.Option("--from", help="The first day of the new rules, 2025-09-01.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why they change.")] = "",
) -> None:
    """Print the rules with all their versions as JSON, or make a new version."""
    from pydantic import ValidationError

    from hub.points.commands import change_rules
    from hub.points.reading import rules_list
    from hub.points.rules import PointsRules
    from hub.points.views import RulesList

    if file is None:
        found = in_transaction(lambda work: rules_list(work.db, work.now))
        typer.echo(RulesList(items=found).model_dump_json(indent=2))
        return
    if effective_from is None or not reason.strip():
        fail("new rules need their first day (--from 2025-09-01) and a reason (--reason)")
    try:
        new = PointsRules.model_validate_json(read_file(file))
        day = datetime.fromisoformat(effective_from).date()
    except ValidationError as error:
        fail("\n".join(f"{file.name}: {line}" for line in _wrong(error)))
    except ValueError as error:
        fail(str(error))
    version = in_transaction(lambda work: change_rules(work, new, day, reason))
    out.print(f"version {version} of the rules holds from {day} on")


@app.command()
def close(period: _Month, note: _Note = "") -> None:
    """Close a month that is over; later corrections come in the next one."""
    from hub.points.commands import close_period

    in_transaction(lambda work: close_period(work, period, note))
    out.print(f"{period} is closed")


@app.command()
def pay(period: _Month, note: _Note = "") -> None:
    """Note that a closed month was paid."""
    from hub.points.commands import pay_period

    in_transaction(lambda work: pay_period(work, period, note))
    out.print(f"{period} is paid")


@app.command()
def rebuild() -> None:
    """Compute the ledger again from the journal; exit code 1 if it differs from what it was."""
    from hub.points.keeping import keep_points_fully, rebuild_points

    async def again(work: UnitOfWork) -> tuple[int, int | None]:
        await keep_points_fully(work.db)
        report = await rebuild_points(work.db)
        return report.entries, report.differs

    entries, differs = in_transaction(again)
    if differs is not None:
        out.print(f"{entries} entries; from number {differs} on they differ from what they were")
        raise typer.Exit(1)
    out.print(f"{entries} entries, the same as before")


def _wrong(error: "ValidationError") -> list[str]:
    return [
        f"{'.'.join(map(str, each['loc'])) or 'the rules'}: {each['msg']}"
        for each in error.errors()
    ]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return in_local_time(value)
    return "" if value is None else str(value)


def _table(title: str, names: tuple[str, ...], rows: list[dict[str, object]]) -> Table:
    table = Table(title=title)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in names))
    return table
