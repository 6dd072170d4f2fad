"""Events that are kept but make no case: check-ins, batteries, fences; of several terminals at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.devices import Device
from hub.errors import KeyReused
from hub.geo.distance import BoundingBox
from hub.geo.fix import fix_fault, load_reach
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.event_signal import key_reused, signal_of
from hub.signals.outcomes import tell_decision
from hub.signals.signal import RejectReason, Signal, SignalState
from hub.signals.store import insert_signals, known_otherwise
from wire.messages import EventType, TerminalEvent

KEPT = frozenset({EventType.CHECKIN, EventType.LOW_BATTERY, EventType.GEOFENCE})


@dataclass(frozen=True, slots=True, eq=False)
class KeptEvent:
    """An event of a type in KEPT."""

    terminal: Device
    event: TerminalEvent
    received_at: datetime


async def keep_events(work: UnitOfWork, events: Sequence[KeptEvent]) -> dict[KeptEvent, KeyReused]:
    """Keep events as rejected signals. An event that is known already changes nothing.

    Returns the events whose ids their devices used before for something else.
    """
    reach = await load_reach(work.db)
    signals = {new: _kept_signal(new, reach) for new in events}
    signal_ids = await insert_signals(work.db, [*signals.values()])
    repeated = [signal for signal in signals.values() if signal.key not in signal_ids]
    for signal in signals.values():
        if (signal_id := signal_ids.pop(signal.key, None)) is not None:
            tell_decision(work, replace(signal, signal_id=signal_id))
    reused = await known_otherwise(work.db, repeated) if repeated else set()
    return {new: key_reused(new.event.event_id) for new in events if signals[new].key in reused}


def _kept_signal(new: KeptEvent, reach: BoundingBox | None) -> Signal:
    signal = signal_of(new.terminal, new.event, None, None, new.received_at)
    if (
        signal.lon is not None
        and signal.lat is not None
        and fix_fault(signal.lon, signal.lat, reach)
    ):
        signal = signal.unplaced()
    return replace(signal, state=SignalState.REJECTED, reason=RejectReason.OUT_OF_SCOPE)
