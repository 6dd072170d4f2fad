"""The API on a port of its own, for benchmarks that ask it, and a person who is logged in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from hub.accounts.account import Account, Role, Session
from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.accounts.store import insert_account, insert_session
from hub.accounts.tokens import token_hash
from hub.clock import Clock, now
from hub.db import Pool
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import ApiServer


@asynccontextmanager
async def served(settings: Settings, pool: Pool, clock: Clock = now) -> AsyncIterator[int]:
    """The port on which the API answers meanwhile."""
    server = ApiServer(create_app(settings, pool, clock), "127.0.0.1", 0)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing else to wait for
        await asyncio.sleep(0.05)
    try:
        yield server.port
    finally:
        server.should_exit = True
        await task


async def log_in(
    pool: Pool,
    role: Role,
    clock: Clock = now,
    username: str = "bench",
    scope: Scope = WHOLE_DISTRICT,
) -> dict[str, str]:
    """The headers of somebody of a role, whose session lasts twelve hours."""
    account = Account(
        username=username,
        name=username,
        role=role,
        unit_key=None,
        unit_name_zh=None,
        unit_name_en=None,
        scope=scope,
    )
    at = clock()
    async with pool.connection() as db:
        await insert_account(db, account, "no password", at)
        session = Session(account, token_hash(username), at + timedelta(hours=12))
        await insert_session(db, session, at)
    return {"Authorization": f"Bearer {username}"}
