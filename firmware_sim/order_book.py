"""A device's memory of the orders it was given: each is carried out at most once."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from wire.messages import COMMAND, Ack, AckResult, AckState, Command

FINAL = frozenset({AckState.SUCCEEDED, AckState.FAILED, AckState.REJECTED, AckState.EXPIRED})
_KEPT = 500


@dataclass(frozen=True)
class Receipt:
    """The ack to send, and whether the order is to be carried out now."""

    ack: Ack
    is_new: bool


class UnreadableOrder(ValueError):
    """An order that can't be carried out because it makes no sense; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_order(command_id: str, payload: bytes) -> Command:
    """`command_id` is the one in the topic. Raises UnreadableOrder."""
    try:
        order = COMMAND.validate_json(payload)
    except ValidationError as error:
        raise UnreadableOrder(f"malformed: {error.errors()[0]['msg']}") from error
    if order.command_id != command_id:
        raise UnreadableOrder("malformed: the topic names another command")
    return order


class OrderBook:
    """`rev` grows by one with each state of an order; a repeat gets the last ack again."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, Ack] = OrderedDict()

    def receive(self, order: Command, now: datetime) -> Receipt:
        """What to answer to an order that has come, for the first time or again."""
        known = self._last.get(order.command_id)
        if known is not None:
            return Receipt(known, is_new=False)
        if now >= order.expires_at:
            late = f"expired at {order.expires_at.isoformat()}"
            return Receipt(self._keep(order.command_id, AckState.EXPIRED, now, late), is_new=False)
        return Receipt(self._keep(order.command_id, AckState.DELIVERED, now), is_new=True)

    def refuse(self, command_id: str, reason: str, now: datetime) -> Ack:
        """For an order that can't be read: its id is all that is known of it."""
        return self._last.get(command_id) or self._keep(command_id, AckState.REJECTED, now, reason)

    def advance(
        self,
        command_id: str,
        state: AckState,
        now: datetime,
        reason: str | None = None,
        result: AckResult | None = None,
    ) -> Ack:
        """Raises ValueError for an order that is unknown or over."""
        last = self._last.get(command_id)
        if last is None or last.state in FINAL:
            raise ValueError(f"order {command_id} can't become {state} after {last and last.state}")
        return self._keep(command_id, state, now, reason, result)

    def _keep(
        self,
        command_id: str,
        state: AckState,
        now: datetime,
        reason: str | None = None,
        result: AckResult | None = None,
    ) -> Ack:
        last = self._last.get(command_id)
        ack = Ack(
            command_id=command_id,
            state=state,
            rev=last.rev + 1 if last else 1,
            at=now,
            reason=reason,
            result=result,
        )
        self._last[command_id] = ack
        self._forget_oldest()
        return ack

    def _forget_oldest(self) -> None:
        over = [command_id for command_id, ack in self._last.items() if ack.state in FINAL]
        for command_id in over[: max(0, len(self._last) - _KEPT)]:
            del self._last[command_id]
