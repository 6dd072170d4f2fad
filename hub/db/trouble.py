"""Whose fault it is that a message could not be handled: its own, or that of what stores it."""

import psycopg
from psycopg import errors

from hub.errors import Unavailable

_PASSING = (
    psycopg.OperationalError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
    errors.DataCorrupted,
    errors.IndexCorrupted,
    Unavailable,
)
"""psycopg calls operational what is lost, full, locked, deadlocked, not serializable or shutting down."""
_LIMIT_EXCEEDED = "54"
"""SQLSTATEs of what is too large or too complex for the database, and stays so."""


def is_storage_trouble(error: Exception) -> bool:
    """Whether database or evidence store are to blame, for which no message is given up."""
    sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
    return isinstance(error, _PASSING) and (sqlstate or "")[:2] != _LIMIT_EXCEEDED
