"""Rows of the database as dataclasses, with enums for the fields that are enums."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

from psycopg import AsyncCursor
from psycopg.rows import RowMaker

Record = TypeVar("Record")


def record_row(
    record: type[Record], **constants: object
) -> Callable[[AsyncCursor[Any]], RowMaker[Record]]:
    """A row factory that makes a `record` of each row: a dataclass with a field for each column.

    The text of a field whose type is an enum, or an enum or None, becomes the enum. `constants` are
    the fields that the rows lack.
    """
    enums = _enums_of(cast(Hashable, record))

    def maker(cursor: AsyncCursor[Any]) -> RowMaker[Record]:
        names = [column.name for column in cursor.description or ()]
        texts = [(name, enums[name]) for name in names if name in enums]

        def make(values: Sequence[Any]) -> Record:
            row = dict(zip(names, values, strict=True))
            for name, enum in texts:
                if row[name] is not None:
                    row[name] = enum(row[name])
            return record(**row, **constants)

        return make

    return maker


@cache
def _enums_of(record: Any) -> dict[str, type[StrEnum]]:
    hints = get_type_hints(record)
    return {
        field.name: enum
        for field in fields(record)
        for enum in (hints[field.name], *get_args(hints[field.name]))
        if isinstance(enum, type) and issubclass(enum, StrEnum)
    }
