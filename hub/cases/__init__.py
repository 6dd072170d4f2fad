"""Cases: their states and transitions, the clock, the check of repair photos, and the list of them."""

from hub.cases.actor import Actor
from hub.cases.case import OPEN, Case, Event, State
from hub.cases.record import replay, replay_case
from hub.cases.transitions import TRANSITIONS, allowed_events

__all__ = [
    "OPEN",
    "TRANSITIONS",
    "Actor",
    "Case",
    "Event",
    "State",
    "allowed_events",
    "replay",
    "replay_case",
]
