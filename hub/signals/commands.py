"""The use cases of the slice. Each works in the caller's transaction."""

from hub.signals.deciding import (
    accept_signal,
    join_signal,
    note_signal,
    reject_signal,
    settle_doubts,
)
from hub.signals.detections import take_detection
from hub.signals.events import take_event
from hub.signals.signal import SignalOutcome

__all__ = [
    "SignalOutcome",
    "accept_signal",
    "join_signal",
    "note_signal",
    "reject_signal",
    "settle_doubts",
    "take_detection",
    "take_event",
]
