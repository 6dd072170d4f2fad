"""Whether a person may decide about a signal."""

from hub.cases.actor import Actor, Capacity
from hub.db import Connection
from hub.errors import Conflict, Forbidden
from hub.signals.signal import Signal
from hub.signals.store import signal_by_id


def permit(actor: Actor) -> None:
    """Raises Forbidden unless the actor is an operator."""
    if Capacity.OPERATOR not in actor.capacities:
        raise Forbidden("only operators decide about signals", actor=actor.name)


async def decidable(db: Connection, signal_id: int) -> Signal:
    """A signal that waits or is snoozed, locked. Raises NotFound, and Conflict if it is decided."""
    signal = await signal_by_id(db, signal_id)
    if not signal.is_decidable:
        raise Conflict(
            f"signal {signal_id} is already {signal.state}; open it again",
            state=signal.state,
            case_id=signal.case_id,
        )
    return signal
