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
from hub.signals.person_report import PersonReport, take_report
from hub.signals.signal import SignalOutcome
from hub.signals.snoozing import snooze_signal, wake_due, wake_signal
from hub.signals.splitting import CaseSplit, split_case

__all__ = [
    "CaseSplit",
    "PersonReport",
    "SignalOutcome",
    "accept_signal",
    "join_signal",
    "note_signal",
    "reject_signal",
    "settle_doubts",
    "snooze_signal",
    "split_case",
    "take_detection",
    "take_event",
    "take_report",
    "wake_due",
    "wake_signal",
]
