"""Live updates: journal entries and the positions of terminals as server-sent events."""

from hub.live.feed import Feed

__all__ = ["Feed"]
