"""A terminal that publishes and people who watch, with aiortc at both ends and 127.0.0.1 between."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import VideoFrame

from hub.video.relay import SdpAnswer
from tests.waiting import until

FPS = 15


class Shades(MediaStreamTrack):
    """Small frames, each of another shade, from a lowest one up."""

    kind = "video"

    def __init__(self, lowest: int) -> None:
        super().__init__()
        self.number = 0
        self.lowest = lowest
        self._began_s = time.monotonic()

    async def recv(self) -> VideoFrame:
        due_s = self._began_s + self.number / FPS
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        shade = self.lowest + self.number % 60
        frame = VideoFrame.from_ndarray(np.full((96, 128, 3), shade, np.uint8), format="bgr24")
        frame.pts, frame.time_base = int(self.number * 90_000 / FPS), Fraction(1, 90_000)
        self.number += 1
        return frame


@dataclass
class Person:
    """Somebody who watches: the mean shade of every frame that came."""

    peer: RTCPeerConnection
    shades: list[float] = field(default_factory=list)
    pts: list[int] = field(default_factory=list)
    hung_up: bool = False

    async def watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                self.shades.append(float(frame.to_ndarray(format="gray").mean()))
                assert frame.pts is not None
                self.pts.append(frame.pts)
        except MediaStreamError:
            self.hung_up = True

    async def sees(self, frames: int = 5) -> None:
        """So many more frames, not all the same."""
        before = len(self.shades)
        await until(lambda: len(self.shades) >= before + frames)
        assert len({round(shade) for shade in self.shades[before:]}) > 1


Join = Callable[[str], Awaitable[SdpAnswer]]


@dataclass
class Studio:
    """Makes publishers and viewers, waits for what they do, and takes them down."""

    until = staticmethod(until)

    peers: list[RTCPeerConnection] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def _peer(self) -> RTCPeerConnection:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peers.append(peer)
        return peer

    async def publish(
        self, join: Join, lowest: int = 20, *, sound: bool = False
    ) -> tuple[RTCPeerConnection, SdpAnswer]:
        peer = self._peer()
        if sound:
            peer.addTransceiver(AudioStreamTrack(), direction="sendonly")
        peer.addTransceiver(Shades(lowest), direction="sendonly")
        return peer, await _negotiate(peer, join)

    async def watch(self, join: Join) -> tuple[Person, SdpAnswer]:
        peer = self._peer()
        person = Person(peer)
        peer.addTransceiver("video", direction="recvonly")
        peer.on(
            "track",
            lambda track: self.tasks.append(asyncio.ensure_future(person.watch(track))),
        )
        return person, await _negotiate(peer, join)

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self.peers))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _negotiate(peer: RTCPeerConnection, join: Join) -> SdpAnswer:
    await peer.setLocalDescription(await peer.createOffer())
    answer = await join(peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
    return answer
