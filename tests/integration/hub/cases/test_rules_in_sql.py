"""Rules that stand in SQL and in Python say the same in both."""

import pytest

from hub.cases.case import OPEN, State
from hub.cases.case_facts import PlaceSource
from hub.db import Connection
from hub.deadlines import LimitType


async def test_a_case_is_open_in_the_same_states(db: Connection) -> None:
    states = [str(state) for state in State]
    cursor = await db.execute(
        "SELECT state FROM unnest(%s::text[]) AS state WHERE case_is_open(state)", (states,)
    )
    assert {row[0] for row in await cursor.fetchall()} == OPEN


async def test_the_database_knows_the_same_states(db: Connection) -> None:
    cursor = await db.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'cases'::regclass AND conname = 'cases_state_check'"
    )
    row = await cursor.fetchone()
    assert row is not None
    assert {word for word in row[0].split("'") if word.isupper() and word.isidentifier()} == set(
        State
    )


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT case_id FROM cases WHERE dedup_key = 'a' AND case_is_open(state)",
            "one_open_case",
        ),
        (
            "SELECT case_id FROM cases WHERE due_at < now() AND case_is_open(state)",
            "cases_open_by_due",
        ),
    ],
)
async def test_what_asks_for_open_cases_reads_their_index(
    db: Connection, query: str, index: str
) -> None:
    await db.execute("SET LOCAL enable_seqscan = off")
    plan = await (await db.execute(f"EXPLAIN {query}".encode())).fetchall()
    assert any(f" {index} " in line for (line,) in plan)


async def test_the_database_knows_the_same_kinds_of_limits(db: Connection) -> None:
    cursor = await db.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'cases'::regclass AND conname = 'cases_limit_type_check'"
    )
    row = await cursor.fetchone()
    assert row is not None
    assert set(row[0].split("'")) >= set(LimitType)


async def test_the_database_knows_the_same_sources_of_an_alarms_place(db: Connection) -> None:
    cursor = await db.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'alarm'::regclass AND conname = 'alarm_place_source_check'"
    )
    row = await cursor.fetchone()
    assert row is not None
    assert set(row[0].split("'")) >= set(PlaceSource)
