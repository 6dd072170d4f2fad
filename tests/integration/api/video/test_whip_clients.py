"""WHIP and WHEP clients that nobody here wrote publish into the relay, and watch from it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aioice import ice

from tests.integration.api.video.whip_clients import (
    Program,
    whep_by_node,
    whip_by_gstreamer,
    whip_by_node,
    why_no_gstreamer,
    why_no_node,
)
from tests.waiting import until

node = pytest.mark.skipif(why_no_node() is not None, reason=why_no_node() or "")
gstreamer = pytest.mark.skipif(why_no_gstreamer() is not None, reason=why_no_gstreamer() or "")


@pytest.fixture
def base(server) -> str:
    """The api as a server of its own, which clients outside of this process reach."""
    return f"http://127.0.0.1:{server.port}"


@asynccontextmanager
async def watching(base: str, broadcast) -> AsyncIterator[Program]:
    permission = await broadcast.permission()
    async with whep_by_node(base + permission["whep_url"], permission["token"]) as viewer:
        yield viewer


async def sees(viewer: Program, frames: int = 10) -> None:
    """So many more frames, not all the same."""
    before = len(viewer.of("shade"))
    await until(lambda: len(viewer.of("shade")) >= before + frames, what=str(viewer.errors))
    assert len(set(viewer.of("shade")[before:])) > 1


@node
async def test_whip_whep_publishes_and_watches_and_ends_the_session_by_stopping(
    base: str, broadcast
) -> None:
    whip = base + broadcast.whip_path
    async with whip_by_node(whip, broadcast.publish_token) as publisher:
        await publisher.says(state="connected")
        async with watching(base, broadcast) as viewer:
            await sees(viewer)
        await publisher.tell("stop")
        await publisher.says(stopped=True)
        assert (await broadcast.look())["ended_reason"] == "terminal"


@node
async def test_whip_whep_restarts_its_ice_and_its_viewers_go_on_watching(
    base: str, broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It joins our candidates with commas, so it can restart only with one."""
    addresses = ice.get_host_addresses
    monkeypatch.setattr(ice, "get_host_addresses", lambda **_: addresses(True, False)[:1])
    whip = base + broadcast.whip_path
    async with whip_by_node(whip, broadcast.publish_token) as publisher:
        await publisher.says(state="connected")
        async with watching(base, broadcast) as viewer:
            await sees(viewer)
            await publisher.tell("restart")
            await publisher.says(restarted=True)
            await sees(viewer, frames=60)
            assert set(publisher.of("state")) <= {"new", "connecting", "connected"}


@gstreamer
async def test_gstreamer_publishes_with_its_rsa_certificate_and_candidates_that_come_later(
    base: str, broadcast, studio
) -> None:
    whip = base + broadcast.whip_path
    async with whip_by_gstreamer(whip, broadcast.publish_token) as publisher:
        await publisher.says(status=201, candidates=False)
        await publisher.says(state="connected")
        async with httpx.AsyncClient(base_url=base) as broadcast.anonymous:
            person, _ = await studio.watch(broadcast.view)
        await person.sees(20)
        assert 204 in publisher.of("status")
        await publisher.leave()
        await publisher.says(stopped=200)
        assert (await broadcast.look())["ended_reason"] == "terminal"
