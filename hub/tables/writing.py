"""Write tables: in whole, or as their rows come from the database."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from typing import IO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from hub.tables.csv_file import CsvFile
from hub.tables.table import Row, Table
from hub.tables.xlsx_file import XlsxFile

_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 256 * 1024


class TableFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        if self is TableFormat.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_bytes(table: Table, form: TableFormat) -> bytes:
    """A table whose rows are all here. Raises InvalidInput if a sheet cannot hold so many."""
    assert isinstance(table.rows, Iterable)
    file = io.BytesIO()
    writer = _writer(file, table, form)
    with _given_up_on_errors(writer):
        for rows in _shares(table.rows):
            writer.add(rows)
        writer.finish()
    return file.getvalue()


async def write_table(table: Table, form: TableFormat, file: IO[bytes]) -> None:
    """Write a table whose rows may still come; only some of them are in memory at a time."""
    writer = await asyncio.to_thread(_writer, file, table, form)
    with _given_up_on_errors(writer):
        async for rows in _shares_as_they_come(table.rows):
            await asyncio.to_thread(writer.add, rows)
        await asyncio.to_thread(writer.finish)


async def table_download(table: Table, form: TableFormat, name: str) -> StreamingResponse:
    """An answer that a browser saves as `name` with the ending of the format.

    The rows are read before this returns, so that errors are answered as such, and are kept on disk.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        await write_table(table, form, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    called = quote(f"{name}.{form}")
    headers = {
        "Content-Disposition": f"attachment; filename=\"export.{form}\"; filename*=UTF-8''{called}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_parts(file), media_type=form.media_type, headers=headers)


def _writer(file: IO[bytes], table: Table, form: TableFormat) -> CsvFile | XlsxFile:
    return CsvFile(file, table) if form is TableFormat.CSV else XlsxFile(file, table)


@contextmanager
def _given_up_on_errors(writer: CsvFile | XlsxFile) -> Iterator[None]:
    try:
        yield
    except BaseException:
        writer.give_up()
        raise


def _shares(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while share := list(islice(source, _ROWS_AT_ONCE)):
        yield share


async def _shares_as_they_come(
    rows: Iterable[Row] | AsyncIterable[Row],
) -> AsyncIterator[list[Row]]:
    if not isinstance(rows, AsyncIterable):
        for share in _shares(rows):
            yield share
        return
    waiting: list[Row] = []
    async for row in rows:
        waiting.append(row)
        if len(waiting) == _ROWS_AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while part := await asyncio.to_thread(file.read, _BYTES_AT_ONCE):
            yield part
