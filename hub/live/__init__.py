"""Live updates: the journal, and the terminals' positions, as server-sent events."""

from hub.live.feed import Feed

__all__ = ["Feed"]
