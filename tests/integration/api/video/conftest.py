"""A terminal that can be asked for its picture, and a studio with aiortc at both ends."""

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.accounts.account import Role
from hub.db import Pool
from tests.integration.api.video.broadcast import Broadcast
from tests.integration.hub.dispatch.conftest import District
from tests.integration.hub.video.studio import Studio
from wire.ice import allow_loopback_candidates


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    allow_loopback_candidates()
    made = Studio()
    yield made
    await made.close()


@pytest.fixture
async def operator(pool: Pool, clock, sign_in) -> httpx.AsyncClient:
    async with pool.connection() as db:
        district = District(db, clock())
        await district.found()
        await district.terminal("T-1")
    return await sign_in(Role.DISPATCHER)


@pytest.fixture
async def broadcast(operator, anonymous, pool, clock) -> Broadcast:
    made = Broadcast(operator, anonymous, pool, clock)
    await made.begin()
    return made
