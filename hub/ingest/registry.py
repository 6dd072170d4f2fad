"""Which device may send what. Each topic is parsed and checked once, then remembered."""

from collections.abc import Mapping
from dataclasses import dataclass

from wire import topics
from wire.topics import Address, Leaf

_MAX_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """A device as ingest knows it: its kind and, for an edge node, its cameras."""

    kind: str
    cameras: frozenset[str] = frozenset()


class UnauthorizedSender(Exception):
    """The sender may not publish to this topic; `reason` says why, `registered` whether it is ours."""

    def __init__(self, address: Address, reason: str, *, registered: bool) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason
        self.registered = registered


class Registry:
    """The devices of a district as they were when the registry was read."""

    def __init__(self, district: str, devices: Mapping[str, RegisteredDevice]) -> None:
        self._district = district
        self._devices = devices
        self._admitted: dict[str, Address] = {}

    def admit(self, topic: str) -> Address:
        """Parse a topic. Raises UnknownTopic, or UnauthorizedSender if its device may not publish there."""
        address = self._admitted.get(topic)
        if address is None:
            address = topics.parse(topic)
            if reason := self._obstacle(address):
                raise UnauthorizedSender(address, reason, registered=self.is_ours(address))
            if len(self._admitted) == _MAX_REMEMBERED:
                self._admitted.clear()
            self._admitted[topic] = address
        return address

    def is_ours(self, address: Address) -> bool:
        """Whether the device of an address is registered under its kind."""
        device = self._devices.get(address.device_id)
        ours = address.district == self._district
        return ours and device is not None and device.kind == address.kind

    def _obstacle(self, address: Address) -> str | None:
        if address.district != self._district:
            return f"district {address.district} is not ours"
        device_id, device = address.device_id, self._devices.get(address.device_id)
        if device is None:
            return f"device {device_id} is not registered"
        if device.kind != address.kind:
            return f"device {device_id} is registered under {device.kind}, not {address.kind}"
        if address.leaf is Leaf.DETECTIONS and address.tail not in device.cameras:
            return f"{address.tail} is no camera of {device_id}"
        return None
