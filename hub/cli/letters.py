"""Letters to units: list them, read one, and write them to files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.cli.running import fail, in_local_time, in_transaction, out, settings
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.documents.templates import DocumentLanguage
from hub.supervision.letters.letter import LetterKind

app = typer.Typer(help="Letters to units.", no_args_is_help=True)

_LetterNo = Annotated[str, typer.Argument(help="Its number, such as 督办函〔2025〕3号, or its id.")]


@app.callback()
def letters() -> None:
    """Letters to units."""


@app.command("list")
def list_(
    year: Annotated[int | None, typer.Option(help="Only those of this year.")] = None,
    kind: Annotated[LetterKind | None, typer.Option(help="Only those of this kind.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only those to this unit, by its key.")] = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those neither answered nor recalled.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
) -> None:
    """List letters, the newest first."""
    from hub.supervision.letters.store import unit_names
    from hub.supervision.letters.views import LetterFilter, LetterList, list_letters

    wanted = LetterFilter(
        year=year, kind=kind, unit=unit, open=True if only_open else None, limit=limit
    )

    async def read(work: UnitOfWork) -> LetterList:
        if unit is not None:
            await unit_names(work.db, [unit])
        return await list_letters(work.db, wanted)

    found = in_transaction(read)
    if not found.items:
        out.print("no such letter" if year or kind or unit or only_open else "no letter yet")
        return
    table = Table("id", "number", "case", "unit", "issued", "answer by", "state")
    for each in found.items:
        due = in_local_time(each.answer_due_at)
        state = f"{each.state}{', late' if each.overdue_at else ''}"
        issued = in_local_time(each.issued_at)
        cells = (each.letter_no, each.case_no, each.unit_name_zh, issued, due, state)
        table.add_row(str(each.letter_id), *cells)
    out.print(table)


@app.command()
def show(
    letter: _LetterNo,
    language: Annotated[
        DocumentLanguage, typer.Option(help="Of the document.")
    ] = DocumentLanguage.ZH,
) -> None:
    """Print a letter as text, and what became of it."""
    from hub.supervision.documents.blocks import as_text
    from hub.supervision.letters.document import letter_html
    from hub.supervision.letters.letter import Letter
    from hub.supervision.letters.store import find_letter

    async def read(work: UnitOfWork) -> Letter:
        return await find_letter(work.db, letter)

    found = in_transaction(read)
    out.print(as_text(letter_html(found, language)), markup=False, highlight=False)
    out.print(f"state: {found.state}", markup=False, highlight=False)
    if found.answer_due_at is not None and found.answered_at is None:
        due = (
            f"answer by {in_local_time(found.answer_due_at)}{', late' if found.overdue_at else ''}"
        )
        out.print(due, markup=False, highlight=False)
    for what, at, by, said in (
        ("received", found.received_at, found.received_by, None),
        ("answered", found.answered_at, found.answered_by, found.answer),
        ("recalled", found.recalled_at, found.recalled_by, found.recall_reason),
    ):
        if at is not None:
            words = f"{what} {in_local_time(at)} by {by}" + (f": {said}" if said else "")
            out.print(words, markup=False, highlight=False)


@app.command()
def export(
    letter: _LetterNo,
    to: Annotated[Path, typer.Option(help="The file to write: .pdf or .html.")],
    language: Annotated[
        DocumentLanguage, typer.Option(help="Of the document.")
    ] = DocumentLanguage.ZH,
) -> None:
    """Write a letter to a file, as PDF or HTML."""
    from hub.supervision.letters.document import letter_html, letter_pdf
    from hub.supervision.letters.store import find_letter

    if to.suffix.lower() not in {".pdf", ".html"}:
        fail(f"{to.name} must end in .pdf or .html")
    font = settings().font_file

    async def made(work: UnitOfWork) -> bytes:
        found = await find_letter(work.db, letter)
        if to.suffix.lower() == ".html":
            return letter_html(found, language).encode()
        return await letter_pdf(found, font, language)

    data = in_transaction(made)
    try:
        to.write_bytes(data)
    except OSError as error:
        fail(f"{to} can't be written: {error.strerror}")
    out.print(f"{to}: {len(data)} bytes", markup=False, highlight=False)
