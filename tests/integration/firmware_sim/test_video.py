"""Live video against a small WHIP server of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
import pytest
import uvicorn
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from fastapi import FastAPI, Request, Response

from deploy.local.ports import free_port
from tests.integration.firmware_sim.conftest import Ear, Running, times
from tests.waiting import until
from wire.ice import allow_loopback_candidates
from wire.messages import CommandType
from wire.messages.commands import (
    VideoStartBody,
    VideoStartOrder,
    VideoStopBody,
    VideoStopOrder,
)

TOKEN = "only-for-this-session"


@dataclass
class WhipServer:
    """Takes one publisher, and counts the pictures that arrive."""

    port: int = field(default_factory=free_port)
    peer: RTCPeerConnection | None = None
    pictures: list[np.ndarray] = field(default_factory=list)
    deleted: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.post("/video/whip/{session_id}")(self.publish)
        app.delete("/video/whip/{session_id}/resource")(self.delete)
        return app

    async def publish(self, session_id: str, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(status_code=403)
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.on("track", lambda track: asyncio.ensure_future(self._watch(track)))
        offer = RTCSessionDescription((await request.body()).decode(), "offer")
        await self.peer.setRemoteDescription(offer)
        await self.peer.setLocalDescription(await self.peer.createAnswer())
        return Response(
            self.peer.localDescription.sdp,
            status_code=201,
            media_type="application/sdp",
            headers={"Location": f"/video/whip/{session_id}/resource"},
        )

    async def delete(self, session_id: str) -> Response:
        self.deleted.set()
        return Response(status_code=200)

    async def _watch(self, track) -> None:
        from aiortc.mediastreams import MediaStreamError

        try:
            while True:
                frame = await track.recv()
                self.pictures.append(frame.to_ndarray(format="gray"))
                if len(self.pictures) >= 12:
                    self.arrived.set()
        except MediaStreamError:
            return

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/video/whip"


@pytest.fixture
async def whip(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WhipServer]:
    monkeypatch.setattr(ice, "get_host_addresses", ice.get_host_addresses)
    allow_loopback_candidates()
    server = WhipServer()
    config = uvicorn.Config(server.app(), port=server.port, log_level="warning", ws="none")
    web = uvicorn.Server(config)
    serving = asyncio.create_task(web.serve())
    await until(lambda: web.started)
    yield server
    if server.peer is not None:
        await server.peer.close()
    web.should_exit = True
    await serving


def start(whip: WhipServer, token: str = TOKEN, max_s: int = 60) -> VideoStartOrder:
    session_id = str(uuid4())
    body = VideoStartBody(
        session_id=session_id, whip_url=f"{whip.url}/{session_id}", token=token, max_s=max_s
    )
    return VideoStartOrder(type=CommandType.VIDEO_START, body=body, **times())


async def test_video_flows_until_it_is_stopped(ear: Ear, running: Running, whip: WhipServer):
    command = start(whip)
    async with running(("T-0001",)) as cast:
        await ear.command("T-0001", command)
        async with asyncio.timeout(40):
            await whip.arrived.wait()
        assert ear.states(command.command_id) == ["delivered", "accepted", "in_progress"]
        stop = VideoStopOrder(
            type=CommandType.VIDEO_STOP,
            body=VideoStopBody(session_id=command.body.session_id),
            **times(),
        )
        await ear.command("T-0001", stop)
        await ear.until_acked(stop.command_id, "succeeded")
        done = await ear.until_acked(command.command_id, "succeeded")
        assert "video_live" in cast.did("T-0001")
    assert done["result"]["text"] == "已停止"
    assert whip.deleted.is_set()
    first, last = whip.pictures[0].astype(int), whip.pictures[-1].astype(int)
    assert first.shape == (480, 640)
    assert np.abs(first - last).mean() > 2


async def test_video_ends_when_the_server_hangs_up(ear: Ear, running: Running, whip: WhipServer):
    command = start(whip)
    async with running(("T-0001",)):
        await ear.command("T-0001", command)
        async with asyncio.timeout(40):
            await whip.arrived.wait()
        assert whip.peer is not None
        await whip.peer.close()
        done = await ear.until_acked(command.command_id, "succeeded", within_s=30)
    assert done["result"]["text"] == "视频服务器已断开"


async def test_video_ends_after_its_longest_time(ear: Ear, running: Running, whip: WhipServer):
    command = start(whip, max_s=1)
    async with running(("T-0001",)):
        await ear.command("T-0001", command)
        done = await ear.until_acked(command.command_id, "succeeded", within_s=40)
    assert done["result"]["text"] == "已到最长时限"


async def test_a_refused_token_fails_the_command_with_the_reason(
    ear: Ear, running: Running, whip: WhipServer
):
    command = start(whip, token="forged")
    async with running(("T-0001",)):
        await ear.command("T-0001", command)
        failed = await ear.until_acked(command.command_id, "failed", within_s=30)
    assert failed["reason"] == "the video server refused: HTTP 403"
    assert "in_progress" not in ear.states(command.command_id)
