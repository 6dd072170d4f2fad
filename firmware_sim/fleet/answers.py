"""The answers of a fleet's terminals to commands: they accept tasks, but have no pictures."""

from collections.abc import Callable
from datetime import datetime

from firmware_sim.device_config import Configuration
from firmware_sim.outbox import DeviceOutbox
from firmware_sim.outgoing_message import Branch
from firmware_sim.received_commands import ReceivedCommands
from wire.messages import Ack, AckState, Command
from wire.messages.commands import TaskOrder, TextOrder
from wire.topics import Address, Leaf

_NO_PICTURES = "a terminal of a simulated fleet only walks"


class Answers:
    """Every command gets a final ack at once; `now` is the device's own clock."""

    def __init__(
        self, branch: Branch, outbox: DeviceOutbox, now: Callable[[], datetime], interval_s: float
    ) -> None:
        self._branch = branch
        self._outbox = outbox
        self._now = now
        self._commands = ReceivedCommands()
        self._config = Configuration(interval_s)

    def receive(self, address: Address, payload: bytes) -> None:
        if address.leaf is Leaf.COMMANDS:
            self._take_command(address.tail, payload)
        elif payload:
            # The exercise sets the interval, so that the ground truth follows from the seed alone.
            report = self._config.refuse("a simulated fleet keeps to its exercise")
            self._outbox.put(self._branch.message(Leaf.CONFIG_REPORTED, report))

    def _take_command(self, command_id: str, payload: bytes) -> None:
        receipt = self._commands.take(command_id, payload, self._now())
        self._send(receipt.ack)
        if (command := receipt.to_do) is not None:
            for state in _states(command):
                reason = None if state is not AckState.REJECTED else _NO_PICTURES
                self._send(self._commands.advance(command.command_id, state, self._now(), reason))

    def _send(self, ack: Ack) -> None:
        self._outbox.put(self._branch.message(Leaf.ACKS, ack, ack.command_id))


def _states(command: Command) -> tuple[AckState, ...]:
    if isinstance(command, TaskOrder | TextOrder):
        return AckState.ACCEPTED, AckState.SUCCEEDED
    return (AckState.REJECTED,)
