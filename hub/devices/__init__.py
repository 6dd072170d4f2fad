"""Terminals, cameras and edge nodes: registry, presence, provisioning."""

from hub.devices.device import Device, Position, Presence
from hub.devices.store import device_by_id, list_devices

__all__ = ["Device", "Position", "Presence", "device_by_id", "list_devices"]
