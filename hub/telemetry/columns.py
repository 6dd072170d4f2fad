"""Columns of numbers from the database as arrays, without a Python object for each number."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncCursor, postgres
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

Column = NDArray[np.float64]

_HEAD_BYTES = 20
_ITEM = np.dtype([("length", ">i4"), ("value", ">f8")])
"""A one-dimensional float8[] without nulls as PostgreSQL sends it (array_send in its arrayfuncs.c)."""


class _ColumnLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> Column:
        return np.frombuffer(data, _ITEM, offset=_HEAD_BYTES)["value"].astype(np.float64)


def load_columns(cursor: AsyncCursor[Any]) -> None:
    """Let a binary cursor load each float8[] (one dimension, not empty, without nulls) as an array."""
    cursor.adapters.register_loader(postgres.types["float8"].array_oid, _ColumnLoader)
