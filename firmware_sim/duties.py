"""What a terminal and its holder do about each kind of order."""

import asyncio
from typing import TYPE_CHECKING

from firmware_sim.live_video import LiveVideo
from firmware_sim.tasks import Tasks
from wire.messages import AckResult, AckState, Command, CommandType
from wire.messages.commands import (
    ConfigOrder,
    TaskOrder,
    TextOrder,
    VideoStartOrder,
    VideoStopOrder,
)

if TYPE_CHECKING:
    from firmware_sim.terminal import Terminal


class Duties:
    """Every order ends in a final ack; the terminal has already said `delivered`."""

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self._tasks = Tasks(terminal, self)
        self._video = LiveVideo(terminal, self)

    async def carry_out(self, order: Command) -> None:
        if isinstance(order, TaskOrder):
            await self._tasks.carry_out(order)
        elif isinstance(order, TextOrder):
            if await self.accepted(order):
                self.ack(order, AckState.SUCCEEDED)
        elif isinstance(order, VideoStartOrder):
            await self._video.start(order)
        elif isinstance(order, VideoStopOrder):
            self._video.stop(order)
        elif isinstance(order, ConfigOrder):
            self._compare_config(order)
        else:
            await self._serve(order)

    async def accepted(self, order: Command) -> bool:
        """The holder reads the order and takes it on, unless it is too late by then."""
        terminal = self._terminal
        await asyncio.sleep(terminal.rng.uniform(*terminal.around.habits.think_s))
        if terminal.clock.now() >= order.expires_at:
            self.ack(order, AckState.EXPIRED, "read too late")
            return False
        self.ack(order, AckState.ACCEPTED)
        return True

    def ack(
        self,
        order: Command,
        state: AckState,
        reason: str | None = None,
        result: AckResult | None = None,
    ) -> None:
        terminal = self._terminal
        now = terminal.clock.now()
        terminal.send_ack(terminal.book.advance(order.command_id, state, now, reason, result))

    async def _serve(self, order: Command) -> None:
        """Orders that the device carries out without its holder."""
        terminal = self._terminal
        if order.type is CommandType.LOCATE:
            await terminal.send_position()
            self.ack(order, AckState.SUCCEEDED, result=AckResult(place=terminal.place()))
        elif order.type is CommandType.SNAPSHOT:
            point = terminal.position().point
            sha256 = await terminal.photograph(terminal.around.world.cover_near(point), point)
            result = AckResult(evidence=(sha256,), place=terminal.place())
            self.ack(order, AckState.SUCCEEDED, result=result)
        elif order.type is CommandType.REBOOT:
            self.ack(order, AckState.SUCCEEDED)
            await terminal.outbox.settled()
            terminal.reboot()
        else:
            self.ack(order, AckState.REJECTED, f"this terminal can't do {order.type}")

    def _compare_config(self, order: ConfigOrder) -> None:
        """Settings come by the retained desired state; the order only asks for a version of it."""
        version = self._terminal.config.version
        if order.type is CommandType.CONFIG and version == order.body.version:
            self.ack(order, AckState.SUCCEEDED)
        elif order.type is CommandType.CONFIG:
            self.ack(order, AckState.FAILED, f"version {version} is in force")
        else:
            self.ack(order, AckState.REJECTED, "terminals run no models")
