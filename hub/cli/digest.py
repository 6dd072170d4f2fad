"""The daily digest, and the counts of others that it is joined with."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.running import fail, in_transaction, out, read_file, settings
from hub.clock import TIMEZONE, now
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.documents.templates import DocumentLanguage
from wire.limits import FIRST_DAY, LAST_DAY

app = typer.Typer(help="The daily digest.", no_args_is_help=True)


@app.callback()
def digest() -> None:
    """The daily digest."""


@app.command()
def show(
    day: Annotated[
        datetime | None,
        typer.Argument(formats=["%Y-%m-%d"], help="A local day; default: yesterday."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    to: Annotated[
        Path | None, typer.Option(help="Write it to this file instead: .pdf or .html.")
    ] = None,
    language: Annotated[DocumentLanguage, typer.Option(help="Of the text.")] = DocumentLanguage.ZH,
) -> None:
    """Show the digest of a day."""
    from hub.supervision.digest.document import digest_html, digest_pdf
    from hub.supervision.digest.making import digest_of
    from hub.supervision.digest.views import DigestView
    from hub.supervision.documents.blocks import as_text

    if to is not None and to.suffix.lower() not in {".pdf", ".html"}:
        fail(f"{to.name} must end in .pdf or .html")
    font = settings().font_file
    wanted = _wanted(day)

    async def read(work: UnitOfWork) -> tuple[DigestView, bytes]:
        found = await digest_of(work.db, wanted, work.now)
        if to is not None and to.suffix.lower() == ".pdf":
            return found, await digest_pdf(found, language, font)
        return found, digest_html(found, language).encode()

    found, data = in_transaction(read)
    if to is not None:
        try:
            to.write_bytes(data)
        except OSError as error:
            fail(f"{to} can't be written: {error.strerror}")
        out.print(f"{to}: {len(data)} bytes", markup=False, highlight=False)
    elif as_json:
        typer.echo(found.model_dump_json())
    else:
        out.print(as_text(data.decode()), markup=False, highlight=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with day, source, unit, category, count.")],
) -> None:
    """Take in daily counts of police calls and petitions; nothing if a cell is bad."""
    from hub.supervision.digest.outside_counts import import_counts

    data = read_file(file)
    report = in_transaction(lambda work: import_counts(work, data, file.name))
    out.print(report.text(), markup=False, highlight=False)


def _wanted(day: datetime | None) -> date:
    """The day that was asked for, or yesterday."""
    if day is None:
        return now().astimezone(TIMEZONE).date() - timedelta(days=1)
    if not FIRST_DAY <= day.date() <= LAST_DAY:
        fail(f"{day.date()} is not from {FIRST_DAY.year} to {LAST_DAY.year}")
    return day.date()
