"""Lost connections, locks and full disks are the storage's trouble; all else is the message's."""

import psycopg
import psycopg_pool
import pytest

from hub.db.trouble import is_storage_trouble
from hub.errors import Conflict, NotFound, Unavailable

_PASSES = [
    "08006",  # connection_failure
    "25006",  # read_only_sql_transaction
    "25P03",  # idle_in_transaction_session_timeout
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53100",  # disk_full
    "53200",  # out_of_memory
    "53300",  # too_many_connections
    "55P03",  # lock_not_available
    "57014",  # query_canceled, by statement_timeout
    "57P01",  # admin_shutdown
    "57P03",  # cannot_connect_now
    "58030",  # io_error
    "XX001",  # data_corrupted
]
_STAYS = ["22001", "22P05", "23505", "23514", "42P01", "54000"]


@pytest.mark.parametrize("sqlstate", _PASSES)
def test_what_the_database_will_get_over_counts_against_no_message(sqlstate: str):
    assert is_storage_trouble(psycopg.errors.lookup(sqlstate)())


@pytest.mark.parametrize("sqlstate", _STAYS)
def test_what_the_database_says_of_the_data_is_the_messages_fault(sqlstate: str):
    assert not is_storage_trouble(psycopg.errors.lookup(sqlstate)())


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg_pool.PoolTimeout(), True),
        (Unavailable("the evidence store is away"), True),
        (Conflict("somebody was first"), False),
        (NotFound("there is no such command"), False),
        (ValueError("cannot be understood"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_without_a_code_are_told_apart_by_their_kind(error: Exception, passes: bool):
    assert is_storage_trouble(error) is passes
