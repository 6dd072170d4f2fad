"""The overdue ladder: its steps, and a district's own."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.running import fail, in_local_time, in_transaction, out, read_file
from hub.supervision.documents.templates import DocumentLanguage

app = typer.Typer(
    help="The steps that press on cases as their deadlines pass.", no_args_is_help=True
)


@app.callback()
def ladder() -> None:
    """The steps that press on cases as their deadlines pass."""


@app.command()
def show(
    case_no: Annotated[
        str | None, typer.Option("--case", help="Show where this case stands instead.")
    ] = None,
    language: Annotated[DocumentLanguage, typer.Option(help="Of the texts.")] = DocumentLanguage.ZH,
) -> None:
    """Show the steps in force, or the steps of a case."""
    if case_no is not None:
        _show_case(case_no)
        return
    from hub.supervision.ladder.store import load_ladder

    found = in_transaction(lambda work: load_ladder(work.db))
    kept = f"since {in_local_time(found.since)}" if found.version else "shipped with the hub"
    out.print(f"version {found.version}, {kept}", markup=False, highlight=False)
    for step in found.steps:
        share, after = step.share_of_limit, step.after_due
        when = f"{share:.0%} of the limit" if share is not None else f"+{after and after.words()}"
        within = f", answer within {step.answer_within.words()}" if step.answer_within else ""
        kind = f"{step.kind} {step.letter}" if step.letter else str(step.kind)
        text = step.text_zh if language is DocumentLanguage.ZH else step.text_en
        out.print(f"{step.step_key}: {kind}, {when}{within}", markup=False, highlight=False)
        out.print(f"    to {', '.join(step.reaches)}: {text}", markup=False, highlight=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A YAML file of steps; docs/supervision.md.")],
    reason: Annotated[str, typer.Option(help="Why the ladder changes.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Put a district's own ladder in force as a new version."""
    from hub.supervision.ladder.importing import import_ladder, parse_ladder

    try:
        text = read_file(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8")
    report = in_transaction(
        lambda work: import_ladder(
            work, parse_ladder(text), source=file.name, reason=reason, dry_run=dry_run
        )
    )
    out.print(report.text(), markup=False, highlight=False)


def _show_case(case_no: str) -> None:
    from hub.cases.store import case_by_id
    from hub.journal.unit_of_work import UnitOfWork
    from hub.supervision.ladder.store import case_id_of
    from hub.supervision.ladder.views import CaseLadderView, case_ladder

    async def read(work: UnitOfWork) -> CaseLadderView:
        case = await case_by_id(work.db, await case_id_of(work.db, case_no))
        return await case_ladder(work.db, case, work.now)

    found = in_transaction(read)
    for fired in found.fired:
        at = in_local_time(fired.fired_at)
        out.print(f"{at}  {fired.step_key}: done", markup=False, highlight=False)
    for step in found.to_come:
        at = in_local_time(step.at)
        out.print(f"{at}  {step.step_key}: to come", markup=False, highlight=False)
    if found.halt is not None:
        out.print(f"the ladder stands still: {found.halt}")
    elif not found.fired and not found.to_come:
        out.print("no step has fired, and none is to come")
