"""Messages to devices and partners, written with the change that caused them and published after."""

from hub.outbox.store import OutboxMessage

__all__ = ["OutboxMessage"]
