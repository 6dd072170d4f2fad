"""Terminals, cameras and edge nodes: registry, presence, logins, desired and reported state."""

from hub.devices.device import Device, LastPosition, Presence
from hub.devices.store import device_by_id

__all__ = ["Device", "LastPosition", "Presence", "device_by_id"]
