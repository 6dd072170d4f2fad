"""Messages to devices and partners, written with the change that caused them and published after."""

from hub.outbox.store import Outgoing, enqueue

__all__ = ["Outgoing", "enqueue"]
