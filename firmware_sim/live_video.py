"""The video orders of a terminal: one session at a time."""

import asyncio
import zlib
from typing import TYPE_CHECKING

from firmware_sim.video import VideoFailed, publish_video
from scenes.frame import Picture
from wire.messages import AckResult, AckState, Capability
from wire.messages.commands import VideoStartOrder, VideoStopOrder

if TYPE_CHECKING:
    from firmware_sim.duties import Duties
    from firmware_sim.terminal import Terminal


class LiveVideo:
    """A new session ends the one that runs."""

    def __init__(self, terminal: "Terminal", duties: "Duties") -> None:
        self._terminal = terminal
        self._duties = duties
        self._running: dict[str, asyncio.Event] = {}

    async def start(self, order: VideoStartOrder) -> None:
        if Capability.VIDEO not in self._terminal.row.capabilities:
            self._duties.ack(order, AckState.REJECTED, "this terminal has no video")
            return
        if not await self._duties.accepted(order):
            return
        for stop in self._running.values():
            stop.set()
        session_id, stop = order.body.session_id, asyncio.Event()
        self._running[session_id] = stop
        self._terminal.battery.video(on=True)
        try:
            await self._publish(order, stop)
        finally:
            self._running.pop(session_id, None)
            self._terminal.battery.video(on=bool(self._running))

    def stop(self, order: VideoStopOrder) -> None:
        """A session that is already over is as good as stopped."""
        stop = self._running.get(order.body.session_id)
        if stop is not None:
            stop.set()
        text = "已停止" if stop is not None else "没有在直播"
        self._duties.ack(order, AckState.SUCCEEDED, result=AckResult(text=text))

    async def _publish(self, order: VideoStartOrder, stop: asyncio.Event) -> None:
        terminal, session_id = self._terminal, order.body.session_id
        pictures = terminal.around.pictures
        walk = await pictures.walk(zlib.crc32(session_id.encode()))

        async def look(at_s: float) -> Picture:
            return await pictures.walk_frame(walk, at_s)

        def live() -> None:
            self._duties.ack(order, AckState.IN_PROGRESS)
            terminal.tell("video_live", session_id=session_id)

        try:
            ended = await publish_video(order.body, look, stop, live)
        except VideoFailed as error:
            terminal.tell("video_failed", session_id=session_id, reason=error.reason)
            self._duties.ack(order, AckState.FAILED, error.reason)
            return
        terminal.tell("video_ended", session_id=session_id, reason=ended)
        self._duties.ack(order, AckState.SUCCEEDED, result=AckResult(text=ended))
