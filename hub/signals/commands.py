"""The use cases of the slice. Each works in the caller's transaction."""

from hub.signals.detections import take_detection
from hub.signals.events import take_event
from hub.signals.signal import SignalOutcome

__all__ = ["SignalOutcome", "take_detection", "take_event"]
