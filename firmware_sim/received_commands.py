"""The commands that a device has received: each is carried out at most once."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from wire.messages import COMMAND, Ack, AckResult, AckState, Command

FINAL = frozenset({AckState.SUCCEEDED, AckState.FAILED, AckState.REJECTED, AckState.EXPIRED})
_KEPT = 500


@dataclass(frozen=True)
class Receipt:
    """The ack to send, and the command if it is to be carried out now."""

    ack: Ack
    to_do: Command | None = None


class UnreadableCommand(ValueError):
    """A command that is malformed; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_command(command_id: str, payload: bytes) -> Command:
    """`command_id` is the one in the topic. Raises UnreadableCommand."""
    try:
        command = COMMAND.validate_json(payload)
    except ValidationError as error:
        raise UnreadableCommand(f"malformed: {error.errors()[0]['msg']}") from error
    if command.command_id != command_id:
        raise UnreadableCommand("malformed: the topic names another command")
    return command


class ReceivedCommands:
    """`rev` grows by one with each state of a command; a repeat gets the last ack again."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, Ack] = OrderedDict()

    def take(self, command_id: str, payload: bytes, now: datetime) -> Receipt:
        """What to answer to a payload that has come under this id, readable or not."""
        try:
            return self.receive(read_command(command_id, payload), now)
        except UnreadableCommand as error:
            return Receipt(self.refuse(command_id, error.reason, now))

    def receive(self, command: Command, now: datetime) -> Receipt:
        """What to answer to a command that has come, for the first time or again."""
        known = self._last.get(command.command_id)
        if known is not None:
            return Receipt(known)
        if command.came_too_late(now, since_arrival_s=0.0):
            late = f"expired at {command.expires_at.isoformat()}"
            return Receipt(self._keep(command.command_id, AckState.EXPIRED, now, late))
        return Receipt(self._keep(command.command_id, AckState.DELIVERED, now), command)

    def refuse(self, command_id: str, reason: str, now: datetime) -> Ack:
        """For a command that can't be read: its id is all that is known of it."""
        return self._last.get(command_id) or self._keep(command_id, AckState.REJECTED, now, reason)

    def advance(
        self,
        command_id: str,
        state: AckState,
        now: datetime,
        reason: str | None = None,
        result: AckResult | None = None,
    ) -> Ack:
        """Raises ValueError for a command that is unknown or over."""
        last = self._last.get(command_id)
        if last is None or last.state in FINAL:
            raise ValueError(
                f"command {command_id} can't become {state} after {last and last.state}"
            )
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
