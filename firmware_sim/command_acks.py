"""How a terminal and its holder answer a command while it is carried out."""

import asyncio

from firmware_sim.commanded_terminal import CommandedTerminal
from wire.command_times import COMMAND_TIMES
from wire.messages import AckResult, AckState, Command


class CommandAcks:
    """The terminal itself has already said `delivered`."""

    def __init__(self, terminal: CommandedTerminal) -> None:
        self._terminal = terminal

    async def accepted(self, command: Command) -> bool:
        """The holder reads the command and takes it on, unless it is too late by then."""
        terminal = self._terminal
        think_s = terminal.rng.uniform(*terminal.around.habits.think_s)
        await asyncio.sleep(think_s)
        accept_s = COMMAND_TIMES[command.type].accept_s
        if accept_s is not None and think_s >= accept_s:
            self.send(command, AckState.EXPIRED, "read too late")
            return False
        self.send(command, AckState.ACCEPTED)
        return True

    def send(
        self,
        command: Command,
        state: AckState,
        reason: str | None = None,
        result: AckResult | None = None,
    ) -> None:
        """Raises ValueError for a command that is over."""
        terminal = self._terminal
        now = terminal.clock.now()
        ack = terminal.commands.advance(command.command_id, state, now, reason, result)
        terminal.send_ack(ack)
