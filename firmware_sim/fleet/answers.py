"""What the terminals of a fleet answer to orders: they take them, and have no pictures to show."""

from collections.abc import Callable
from datetime import datetime

from firmware_sim.device_config import Configuration
from firmware_sim.order_book import OrderBook, UnreadableOrder, read_order
from firmware_sim.outbox import Outbox
from firmware_sim.outgoing import Branch
from wire.messages import Ack, AckState, Command
from wire.messages.commands import TaskOrder, TextOrder
from wire.topics import Address, Leaf

_NO_PICTURES = "a terminal of a simulated fleet only walks"


class Answers:
    """Every order gets a final ack at once; `now` is the device's own clock."""

    def __init__(
        self, branch: Branch, outbox: Outbox, now: Callable[[], datetime], interval_s: float
    ) -> None:
        self._branch = branch
        self._outbox = outbox
        self._now = now
        self._book = OrderBook()
        self._config = Configuration(interval_s)

    def receive(self, address: Address, payload: bytes) -> None:
        if address.leaf is Leaf.COMMANDS:
            self._take_order(address.tail, payload)
        elif payload:
            # The interval is the exercise's, so that the truth stays what the seed says.
            report = self._config.refuse("a simulated fleet keeps to its exercise")
            self._outbox.put(self._branch.message(Leaf.CONFIG_REPORTED, report))

    def _take_order(self, command_id: str, payload: bytes) -> None:
        try:
            order = read_order(command_id, payload)
        except UnreadableOrder as error:
            self._send(self._book.refuse(command_id, error.reason, self._now()))
            return
        receipt = self._book.receive(order, self._now())
        self._send(receipt.ack)
        if receipt.is_new:
            for state in _states(order):
                reason = None if state is not AckState.REJECTED else _NO_PICTURES
                self._send(self._book.advance(order.command_id, state, self._now(), reason))

    def _send(self, ack: Ack) -> None:
        self._outbox.put(self._branch.message(Leaf.ACKS, ack, ack.command_id))


def _states(order: Command) -> tuple[AckState, ...]:
    if isinstance(order, TaskOrder | TextOrder):
        return AckState.ACCEPTED, AckState.SUCCEEDED
    return (AckState.REJECTED,)
