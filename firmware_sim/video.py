"""Live video from a terminal: WHIP (RFC 9725) out of the simulated body camera."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from fractions import Fraction
from urllib.parse import urljoin

import httpx
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from av import VideoFrame

from scenes.frame import Picture
from wire.messages.commands import VideoStartBody

FPS = 11
_CLOCK_HZ = 90_000
_CONNECT_WITHIN_S = 15.0
_HTTP_WITHIN_S = 10.0
_REDIRECTS = frozenset({httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT})
_MOST_REDIRECTS = 3

Look = Callable[[float], Awaitable[Picture]]
"""The picture at so many seconds since the start: 640 x 480, BGR."""


class VideoFailed(Exception):
    """The video could not be published; `reason` is for the dispatcher."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BodyCamera(MediaStreamTrack):
    """Frames at a steady rate; a late frame is shown late, and none is skipped or repeated."""

    kind = "video"

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._began_s: float | None = None
        self._frames = 0

    async def recv(self) -> VideoFrame:
        now_s = time.monotonic()
        if self._began_s is None:
            self._began_s = now_s
        due_s = self._began_s + self._frames / FPS
        await asyncio.sleep(max(0.0, due_s - now_s))
        at_s = max(due_s, now_s) - self._began_s
        frame = VideoFrame.from_ndarray(await self._look(at_s), format="bgr24")
        frame.pts, frame.time_base = int(at_s * _CLOCK_HZ), Fraction(1, _CLOCK_HZ)
        self._frames = max(self._frames + 1, int(at_s * FPS))
        return frame


async def publish_video(
    order: VideoStartBody, look: Look, stop: asyncio.Event, live: Callable[[], None]
) -> str:
    """Publish until stopped, until max_s is over or the other side hangs up; returns which it was.

    `live` is called once media flows. Raises VideoFailed.
    """
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    states = _watch(peer)
    headers = {"Authorization": f"Bearer {order.token}"}
    resource = None
    try:
        peer.addTransceiver(BodyCamera(look), direction="sendonly")
        async with httpx.AsyncClient(
            headers=headers, timeout=_HTTP_WITHIN_S, trust_env=False
        ) as http:
            try:
                resource = await _offer(peer, http, order.whip_url)
                await _connected(states)
                live()
                return await _ended(states, stop, order.max_s)
            finally:
                await _hang_up(http, resource)
    finally:
        await peer.close()


def _watch(peer: RTCPeerConnection) -> "asyncio.Queue[str]":
    states: asyncio.Queue[str] = asyncio.Queue()
    peer.on("connectionstatechange", lambda: states.put_nowait(peer.connectionState))
    return states


async def _offer(peer: RTCPeerConnection, http: httpx.AsyncClient, url: str) -> str | None:
    """Exchange the session descriptions; returns the address of the WHIP resource."""
    await peer.setLocalDescription(await peer.createOffer())
    try:
        answer = await _post(http, url, peer.localDescription.sdp)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise VideoFailed(f"no answer from the video server: {error}") from error
    if answer.status_code != httpx.codes.CREATED:
        raise VideoFailed(f"the video server refused: HTTP {answer.status_code}")
    location = answer.headers.get("location")
    try:
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    except ValueError as error:
        raise VideoFailed(f"the video server's answer makes no sense: {error}") from error
    return urljoin(str(answer.request.url), location) if location else None


async def _post(http: httpx.AsyncClient, url: str, offer: str) -> httpx.Response:
    """Post an offer, after redirects that keep the method (RFC 9725, 4.5), and after no others."""
    headers = {"Content-Type": "application/sdp", "Accept": "application/sdp"}
    for _ in range(_MOST_REDIRECTS):
        answer = await http.post(url, content=offer, headers=headers)
        if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
            break
        url = urljoin(url, answer.headers["location"])
    return answer


async def _connected(states: "asyncio.Queue[str]") -> None:
    try:
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            while (state := await states.get()) != "connected":
                if state in ("failed", "closed"):
                    raise VideoFailed(f"the media connection is {state}")
    except TimeoutError:
        raise VideoFailed(f"no media connection within {_CONNECT_WITHIN_S:.0f} s") from None


async def _ended(states: "asyncio.Queue[str]", stop: asyncio.Event, max_s: float) -> str:
    async def hung_up() -> None:
        while await states.get() not in ("failed", "closed", "disconnected"):
            pass

    waits = {
        asyncio.ensure_future(stop.wait()): "已停止",
        asyncio.ensure_future(hung_up()): "视频服务器已断开",
    }
    done, pending = await asyncio.wait(waits, timeout=max_s, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return waits[done.pop()] if done else "已到最长时限"


async def _hang_up(http: httpx.AsyncClient, resource: str | None) -> None:
    if resource is None:
        return
    try:
        await http.delete(resource)
    except httpx.HTTPError:
        # The server is gone, and the session with it.
        return
