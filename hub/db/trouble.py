"""Whether a message itself is why it could not be handled, or the storage."""

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
"""OperationalError covers: connection lost, disk full, lock not available, deadlock, shutdown, and others."""
_LIMIT_EXCEEDED = "54"
"""SQLSTATEs of values that are too large or too complex for the database; trying again is no use."""


def is_storage_trouble(error: Exception) -> bool:
    """Whether the database or the evidence store is to blame; no message is given up for that."""
    sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
    return isinstance(error, _PASSING) and (sqlstate or "")[:2] != _LIMIT_EXCEEDED
