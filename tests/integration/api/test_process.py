"""`python -m hub api` as a process."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hub.accounts import Account, Role, Session
from hub.accounts.store import insert_account, insert_session
from hub.accounts.tokens import token_hash
from hub.clock import now
from hub.db import Pool

ROOT = Path(__file__).parents[3]
WITHIN_S = 40.0


@pytest.fixture
async def process(database_url: str, tmp_path: Path) -> AsyncIterator[Process]:
    environ = os.environ | {
        "PATROLHUB_DATABASE_URL": database_url,
        "PATROLHUB_DISTRICT": "530303",
        "PATROLHUB_EVIDENCE_URL": f"file://{tmp_path}",
        "PATROLHUB_API_PORT": "0",
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "api", cwd=ROOT, env=environ, stderr=PIPE
    )
    yield started
    if started.returncode is None:
        started.kill()
    await started.communicate()


async def port_of(process: Process) -> int:
    assert process.stderr is not None
    async with asyncio.timeout(WITHIN_S):
        async for line in process.stderr:
            if line.startswith(b"{") and (event := json.loads(line))["event"] == "started":
                return int(event["port"])
    raise AssertionError("the process ended before it was ready")


async def session_token(pool: Pool) -> str:
    account = Account(
        username="seat-07",
        name="座席员 07",
        role=Role.SEAT_OPERATOR,
        unit_key=None,
        unit_name_zh=None,
        unit_name_en=None,
    )
    async with pool.connection() as db:
        await insert_account(db, account, "no password", now())
        session = Session(account, token_hash("a token"), now() + timedelta(hours=1))
        await insert_session(db, session, now())
    return "a token"


async def test_the_api_says_when_it_is_ready_and_ends_in_order_with_a_line_open(
    process: Process, pool: Pool
) -> None:
    url = f"http://127.0.0.1:{await port_of(process)}"
    bearer = {"Authorization": f"Bearer {await session_token(pool)}"}
    async with httpx.AsyncClient(base_url=url, headers=bearer, timeout=WITHIN_S) as client:
        assert (await client.get("/api/health")).json()["status"] == "ok"
        async with client.stream("GET", "/api/events") as line:
            lines = line.aiter_lines()
            assert await anext(lines) == "event: hello"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(WITHIN_S):
                assert "data" in "".join([each async for each in lines])
                assert await process.wait() == 0
