"""SQL says the same of states and types of commands and of video sessions as the enums."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

import pytest

from hub.commands.command import ACTIVE, UNDELIVERED, UNDERWAY, CommandState
from hub.commands.limits import TASKS
from hub.db import Connection
from hub.dispatch.store import SQL
from hub.video.session import OPEN, SessionState
from tests.integration.hub.dispatch.conftest import NOW
from wire.messages import CommandType


@pytest.mark.parametrize(
    ("function", "words", "expected"),
    [
        ("command_is_undelivered", CommandState, UNDELIVERED),
        ("command_is_underway", CommandState, UNDERWAY),
        ("command_is_active", CommandState, ACTIVE),
        ("command_is_task", CommandType, TASKS),
        ("video_is_open", SessionState, OPEN),
    ],
)
async def test_sql_and_enums_agree(
    db: Connection, function: str, words: type[StrEnum], expected: Collection[StrEnum]
) -> None:
    query = f"SELECT word FROM unnest(%s::text[]) AS given (word) WHERE {function}(word)"
    cursor = await db.execute(query.encode(), ([str(word) for word in words],))
    assert {row[0] for row in await cursor.fetchall()} == expected


@pytest.mark.parametrize(
    ("query", "index", "parameters"),
    [
        ("tasks_in_hand", "one_active_task", {"case_id": 1, "type": CommandType.GUARD}),
        ("recent_tasks", "command_accepted_task", (NOW,)),
    ],
)
async def test_the_functions_are_put_in_place_so_that_their_indexes_serve(
    db: Connection, query: str, index: str, parameters: Any
) -> None:
    await db.execute("SET LOCAL enable_seqscan = off")
    plan = await db.execute(b"EXPLAIN " + SQL[query], parameters)
    text = "\n".join(row[0] for row in await plan.fetchall())
    assert index in text
    assert "command_is" not in text
