"""A viewer of live video by WHEP, who checks that the picture changes."""

import asyncio
import itertools
from dataclasses import dataclass

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame
from numpy.typing import NDArray

from wire.ice import allow_loopback_candidates

CHANGE = 2.0
"""Mean absolute difference of grey values, 0..255, from which two frames count as different."""


@dataclass(frozen=True)
class ViewedVideo:
    """The viewer's result: frames received, frames that differed from the one before, their size."""

    frames: int
    changed: int
    width: int
    height: int


async def watch(whep_url: str, token: str, *, frames: int, within_s: float) -> ViewedVideo:
    """Watch until `frames` frames have arrived, or the time is over."""
    allow_loopback_candidates()
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="recvonly")
    received: list[NDArray[np.uint8]] = []
    done = asyncio.Event()

    @peer.on("track")
    def receive(track: object) -> None:
        async def read() -> None:
            while len(received) < frames:
                frame = await track.recv()  # type: ignore[attr-defined]
                assert isinstance(frame, VideoFrame)
                received.append(frame.to_ndarray(format="gray").astype(np.uint8))
            done.set()

        reading.append(asyncio.ensure_future(read()))

    reading: list[asyncio.Future[None]] = []
    await peer.setLocalDescription(await peer.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
        answer = await http.post(whep_url, content=peer.localDescription.sdp, headers=headers)
        answer.raise_for_status()
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        try:
            await asyncio.wait_for(done.wait(), within_s)
        except TimeoutError:
            pass
        finally:
            for task in reading:
                task.cancel()
            location = httpx.URL(whep_url).join(answer.headers["Location"])
            await http.delete(location, headers=headers)
            await peer.close()
    return _summary(received)


def _summary(frames: list[NDArray[np.uint8]]) -> ViewedVideo:
    height, width = frames[-1].shape if frames else (0, 0)
    changed = sum(
        a.shape == b.shape and float(np.abs(a.astype(int) - b.astype(int)).mean()) > CHANGE
        for a, b in itertools.pairwise(frames)
    )
    return ViewedVideo(len(frames), changed, width, height)
