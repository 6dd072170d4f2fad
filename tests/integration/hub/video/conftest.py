"""The district of the dispatch tests, a relay, and a studio with aiortc at both ends of it."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from hub.db import Connection
from hub.video.embedded import EmbeddedRelay
from tests.integration.hub.dispatch.conftest import District
from tests.integration.hub.video.filming import Filming
from tests.integration.hub.video.studio import Studio
from wire.ice import allow_loopback_candidates


@pytest.fixture(scope="session", autouse=True)
def _loopback() -> None:
    allow_loopback_candidates()


@pytest.fixture
async def district(db: Connection) -> District:
    made = District(db)
    await made.found()
    return made


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    made = Studio()
    yield made
    await made.close()


@pytest.fixture
async def relay() -> AsyncIterator[EmbeddedRelay]:
    made = EmbeddedRelay()
    yield made
    await made.close()


@pytest.fixture
def session_id() -> UUID:
    return uuid4()


@pytest.fixture
async def filming(district) -> Filming:
    await district.terminal("T-1")
    return Filming(district)
