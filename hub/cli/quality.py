"""AI quality: how often cameras are right, and which of them only monitor."""

from datetime import timedelta
from typing import Annotated, TypeAlias

import typer
from rich.table import Table

from hub.cli.running import ACTOR, in_transaction, out
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(
    help="AI quality: how often cameras are right, and which of them only monitor.",
    no_args_is_help=True,
)
Camera: TypeAlias = Annotated[str | None, typer.Option(help="Every camera if left out.")]
Label: TypeAlias = Annotated[
    str | None, typer.Option("--class", help="A model's class; every class if left out.")
]
Reason: TypeAlias = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]


@app.command()
def show(
    camera: Camera = None,
    label: Label = None,
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 30,
) -> None:
    """Show the verdicts and the precision of each camera, class and model."""
    from hub.quality.precision import percent
    from hub.quality.reading import QualityGroup, QualityPeriod, quality_board
    from hub.quality.views import PrecisionView, QualityBoard

    async def read(work: UnitOfWork) -> QualityBoard:
        period = QualityPeriod(work.now - timedelta(days=days), work.now, camera, label)
        return await quality_board(work.db, period, frozenset(QualityGroup))

    def figures(row: PrecisionView) -> tuple[str, ...]:
        interval = f"{percent(row.low)} to {percent(row.high)}" if row.low is not None else "—"
        counts = (row.signals, row.right, row.wrong, row.other, row.missing)
        return (*map(str, counts), percent(row.precision), interval)

    board = in_transaction(read)
    table = Table("camera", "class", "model", "signals", "right", "wrong", "other", "missing")
    table.add_column("precision")
    table.add_column("95 %")
    table.add_column("only monitors")
    for row in board.rows:
        model = f"{row.model_name or ''} {row.model_version or ''}".strip()
        table.add_row(
            row.camera_id, row.label, model or "—", *figures(row), "yes" if row.monitored else ""
        )
    table.add_row("all", "", "", *figures(board.total), "")
    out.print(table)


@app.command()
def modes() -> None:
    """Show what only monitors, why, and what automation would have done since."""
    from hub.quality.reading import mode_views

    table = Table("camera", "class", "since", "set by", "reason", "would have")
    for mode in in_transaction(lambda work: mode_views(work.db)):
        would = ", ".join(f"{each.action} {each.signals}" for each in mode.would)
        since = f"{mode.set_at:%Y-%m-%d %H:%M}"
        name = mode.set_by_name or mode.set_by
        table.add_row(mode.camera_id or "*", mode.label or "*", since, name, mode.reason, would)
    out.print(table)


@app.command()
def monitor(reason: Reason, camera: Camera = None, label: Label = None) -> None:
    """Let a camera and class only monitor: their signals wait, with what would have been done."""
    from hub.accounts.account import Role
    from hub.cases.actor import Actor
    from hub.quality.commands import monitor as use_case

    actor = Actor(ACTOR, Role.SUPERVISOR)
    mode = in_transaction(lambda work: use_case(work, camera, label, reason, actor))
    out.print(f"{mode.name} only monitors now", markup=False)


@app.command()
def release(reason: Reason, camera: Camera = None, label: Label = None) -> None:
    """Let a camera and class file cases again."""
    from hub.accounts.account import Role
    from hub.cases.actor import Actor
    from hub.quality.commands import release as use_case

    actor = Actor(ACTOR, Role.SUPERVISOR)
    mode = in_transaction(lambda work: use_case(work, camera, label, reason, actor))
    out.print(f"{mode.name} may file cases again", markup=False)
