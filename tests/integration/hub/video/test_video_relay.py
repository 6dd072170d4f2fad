import asyncio
import time

import pytest
from aiortc.codecs import vpx

from hub.errors import InvalidInput
from hub.video import embedded
from hub.video.embedded import EmbeddedRelay
from tests.integration.hub.video.conftest import until


@pytest.fixture
def publish(relay, session_id):
    return lambda offer: relay.publish(session_id, offer)


@pytest.fixture
def view(relay, session_id):
    return lambda offer: relay.view(session_id, offer)


async def test_viewers_see_the_terminals_moving_picture(relay, studio, publish, view) -> None:
    await studio.publish(publish)
    early, _ = await studio.watch(view)
    await early.sees()
    began_s = time.monotonic()
    late, _ = await studio.watch(view)
    await late.sees(1 + 4)
    assert time.monotonic() - began_s < 5, "a viewer who joins must not wait for a key picture"
    assert early.pts == sorted(early.pts)
