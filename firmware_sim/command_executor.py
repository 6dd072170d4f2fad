"""What a terminal and its holder do about each kind of command."""

from firmware_sim.command_acks import CommandAcks
from firmware_sim.commanded_terminal import CommandedTerminal
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


class CommandExecutor:
    """Every command ends in a final ack."""

    def __init__(self, terminal: CommandedTerminal) -> None:
        self._terminal = terminal
        self._acks = CommandAcks(terminal)
        self._tasks = Tasks(terminal, self._acks)
        self._video = LiveVideo(terminal, self._acks)

    async def carry_out(self, command: Command) -> None:
        """Return once the command has its final ack."""
        if isinstance(command, TaskOrder):
            await self._tasks.carry_out(command)
        elif isinstance(command, TextOrder):
            if await self._acks.accepted(command):
                self._acks.send(command, AckState.SUCCEEDED)
        elif isinstance(command, VideoStartOrder):
            await self._video.start(command)
        elif isinstance(command, VideoStopOrder):
            self._video.stop(command)
        elif isinstance(command, ConfigOrder):
            self._compare_config(command)
        else:
            await self._serve(command)

    async def _serve(self, command: Command) -> None:
        """Commands that the device carries out without its holder."""
        terminal = self._terminal
        if command.type is CommandType.LOCATE:
            await terminal.send_position()
            self._acks.send(command, AckState.SUCCEEDED, result=AckResult(place=terminal.place()))
        elif command.type is CommandType.SNAPSHOT:
            point = terminal.position().point
            sha256 = await terminal.photograph(terminal.around.world.cover_near(point), point)
            result = AckResult(evidence=(sha256,), place=terminal.place())
            self._acks.send(command, AckState.SUCCEEDED, result=result)
        elif command.type is CommandType.REBOOT:
            self._acks.send(command, AckState.SUCCEEDED)
            await terminal.settled()
            terminal.reboot()
        else:
            self._acks.send(command, AckState.REJECTED, f"this terminal can't do {command.type}")

    def _compare_config(self, command: ConfigOrder) -> None:
        """Settings come by the retained desired state; the command only asks for a version of it."""
        version = self._terminal.config.version
        if version == command.body.version:
            self._acks.send(command, AckState.SUCCEEDED)
        else:
            self._acks.send(command, AckState.FAILED, f"version {version} is in force")
