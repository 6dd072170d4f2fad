"""The video commands of a terminal: one session at a time."""

import asyncio
import zlib

from firmware_sim.command_acks import CommandAcks
from firmware_sim.commanded_terminal import CommandedTerminal
from firmware_sim.video import VideoFailed, publish_video
from scenes.frame import Picture
from wire.messages import AckResult, AckState, Capability
from wire.messages.commands import VideoStartOrder, VideoStopOrder


class LiveVideo:
    """A new session ends the one that runs."""

    def __init__(self, terminal: CommandedTerminal, acks: CommandAcks) -> None:
        self._terminal = terminal
        self._acks = acks
        self._running: dict[str, asyncio.Event] = {}

    async def start(self, command: VideoStartOrder) -> None:
        if Capability.VIDEO not in self._terminal.row.capabilities:
            self._acks.send(command, AckState.REJECTED, "this terminal has no video")
            return
        if not await self._acks.accepted(command):
            return
        for stop in self._running.values():
            stop.set()
        session_id, stop = command.body.session_id, asyncio.Event()
        self._running[session_id] = stop
        self._terminal.battery.video(on=True)
        try:
            await self._publish(command, stop)
        finally:
            self._running.pop(session_id, None)
            self._terminal.battery.video(on=bool(self._running))

    def stop(self, command: VideoStopOrder) -> None:
        """A session that is already over counts as stopped."""
        stop = self._running.get(command.body.session_id)
        if stop is not None:
            stop.set()
        text = "已停止" if stop is not None else "没有在直播"
        self._acks.send(command, AckState.SUCCEEDED, result=AckResult(text=text))

    async def _publish(self, command: VideoStartOrder, stop: asyncio.Event) -> None:
        terminal, session_id = self._terminal, command.body.session_id
        pictures = terminal.around.pictures
        walk = await pictures.walk(zlib.crc32(session_id.encode()))

        async def look(at_s: float) -> Picture:
            return await pictures.walk_frame(walk, at_s)

        def live() -> None:
            self._acks.send(command, AckState.IN_PROGRESS)
            terminal.log_activity("video_live", session_id=session_id)

        try:
            ended = await publish_video(command.body, look, stop, live)
        except VideoFailed as error:
            terminal.log_activity("video_failed", session_id=session_id, reason=error.reason)
            self._acks.send(command, AckState.FAILED, error.reason)
            return
        terminal.log_activity("video_ended", session_id=session_id, reason=ended)
        self._acks.send(command, AckState.SUCCEEDED, result=AckResult(text=ended))
