"""Who may send what. Each topic is taken apart and judged once, and remembered."""

from collections.abc import Mapping
from dataclasses import dataclass

from wire import topics
from wire.topics import Address, Leaf

_MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Registered:
    """What ingest knows of a device: its kind, and of an edge node the cameras that it looks after."""

    kind: str
    cameras: frozenset[str] = frozenset()


class Stranger(Exception):
    """A message comes from where it should not; `reason` says why."""

    def __init__(self, address: Address, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason


class Registry:
    """The devices of a district as they were when it was read."""

    def __init__(self, district: str, devices: Mapping[str, Registered]) -> None:
        self._district = district
        self._devices = devices
        self._admitted: dict[str, Address] = {}

    def admit(self, topic: str) -> Address:
        """Take a topic apart. Raises UnknownTopic, and Stranger where nobody may send there."""
        address = self._admitted.get(topic)
        if address is None:
            address = topics.parse(topic)
            if reason := self._strange(address):
                raise Stranger(address, reason)
            if len(self._admitted) == _MOST_REMEMBERED:
                self._admitted.clear()
            self._admitted[topic] = address
        return address

    def _strange(self, address: Address) -> str | None:
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
