"""How a source loses its camera, and connects again."""

from collections.abc import Callable
from threading import Event

from edge.retry import keep_trying


class SourceLost(Exception):
    """The other end cannot be reached, or no longer; `reason` says why, without credentials."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def keep_connecting(
    visit: Callable[[Event], None], lost: Callable[[str], None], stop: Event
) -> None:
    """Visit a camera until stopped. A visit ends by raising SourceLost; `lost` gets the reason."""
    keep_trying(visit, SourceLost, lambda error, _: lost(error.reason), stop)
