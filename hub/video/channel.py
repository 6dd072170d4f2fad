"""One session at the embedded relay: pictures in from a publisher, out to viewers."""

import asyncio
import time
from collections import deque
from uuid import UUID, uuid4

from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError

from hub.video.encoded import CLOCK_HZ, EncodedPacket, EncodedPicture, ask_for_key_picture
from hub.video.peer import RelayPeer
from hub.video.relay import ChannelReport

QUEUED_PICTURES = 60
"""A viewer that falls further behind jumps to the next picture that stands alone."""
ASK_EVERY_S = 0.5


class Outlet(MediaStreamTrack):
    """The track of one viewer: pictures that wait to be sent."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.needs_key = True
        self._pictures: deque[EncodedPacket] = deque()
        self._wake = asyncio.Event()

    def offer(self, picture: EncodedPicture, pts: int) -> None:
        """Queue a picture, unless it needs one that this viewer didn't get."""
        if self.needs_key and not picture.is_key:
            return
        if len(self._pictures) >= QUEUED_PICTURES:
            self._pictures.clear()
            self.needs_key = True
            return
        self.needs_key = False
        self._pictures.append(picture.packet(pts))
        self._wake.set()

    async def recv(self) -> EncodedPacket:
        while not self._pictures:
            if self.readyState != "live":
                raise MediaStreamError
            self._wake.clear()
            await self._wake.wait()
        return self._pictures.popleft()

    def stop(self) -> None:
        super().stop()
        self._wake.set()


class Publisher:
    """The terminal's end of a channel."""

    def __init__(self, peer: RelayPeer, receiver: RTCRtpReceiver) -> None:
        self.resource_id = uuid4()
        self.peer = peer
        self.receiver = receiver


class Viewer:
    """A viewer's end of a channel."""

    def __init__(self, peer: RelayPeer, outlet: Outlet) -> None:
        self.resource_id = uuid4()
        self.peer = peer
        self.outlet = outlet


class Channel:
    """Pictures keep their order and their time for viewers even if the publisher changes."""

    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.publisher: Publisher | None = None
        self.viewers: dict[UUID, Viewer] = {}
        self._last_s: float | None = None
        self._last_pts = 0
        self._base_pts: int | None = None
        self._asked_s = 0.0
        self._asking: set[asyncio.Task[None]] = set()

    def end_of(self, resource_id: UUID) -> Publisher | Viewer | None:
        """The publisher or viewer of this id, if it is here."""
        if self.publisher is not None and self.publisher.resource_id == resource_id:
            return self.publisher
        return self.viewers.get(resource_id)

    def install(self, publisher: Publisher) -> Publisher | None:
        """Let this publisher's pictures through from now on; returns the one before."""
        before, self.publisher = self.publisher, publisher
        self._base_pts = None
        return before

    def take(self, publisher: Publisher, picture: EncodedPicture) -> None:
        """A picture came; those of a publisher that was replaced are dropped."""
        if publisher is not self.publisher:
            return
        pts = self._pts(picture)
        for viewer in self.viewers.values():
            viewer.outlet.offer(picture, pts)
        if any(viewer.outlet.needs_key for viewer in self.viewers.values()):
            self.ask_for_key()

    def ask_for_key(self) -> None:
        """Ask the publisher for a picture that stands alone, twice a second at most."""
        if self.publisher is None or time.monotonic() - self._asked_s < ASK_EVERY_S:
            return
        self._asked_s = time.monotonic()
        task = asyncio.create_task(ask_for_key_picture(self.publisher.receiver))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def report(self) -> ChannelReport:
        silent_s = None if self._last_s is None else time.monotonic() - self._last_s
        return ChannelReport(self.session_id, silent_s, frozenset(self.viewers))

    def _pts(self, picture: EncodedPicture) -> int:
        now_s = time.monotonic()
        if self._base_pts is None:
            gap_s = 0.0 if self._last_s is None else now_s - self._last_s
            self._base_pts = self._last_pts + int(gap_s * CLOCK_HZ) - picture.timestamp
        self._last_s = now_s
        self._last_pts = self._base_pts + picture.timestamp
        return self._last_pts
