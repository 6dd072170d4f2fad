"""Messages on their way from a device to the broker."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from wire import topics
from wire.families import BY_LEAF
from wire.messages import SAMPLES, Sample
from wire.topics import Kind, Leaf


@dataclass(frozen=True)
class OutgoingMessage:
    """One publish. `properties` are MQTT 5 user properties."""

    topic: str
    payload: bytes
    qos: int
    retain: bool = False
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Branch:
    """A device's own part of the topic tree."""

    district: str
    kind: Kind
    device_id: str

    def topic(self, leaf: Leaf, tail: str = "") -> str:
        return topics.device(self.district, self.kind, self.device_id, leaf, tail)

    def message(self, leaf: Leaf, content: BaseModel, tail: str = "") -> OutgoingMessage:
        payload = content.model_dump_json(exclude_none=True, by_alias=True).encode()
        return self._outgoing(leaf, payload, tail)

    def samples(self, leaf: Leaf, samples: Sequence[Sample]) -> OutgoingMessage:
        return self._outgoing(leaf, SAMPLES.dump_json(list(samples), exclude_none=True))

    def jpeg(
        self, leaf: Leaf, data: bytes, tail: str = "", properties: tuple[tuple[str, str], ...] = ()
    ) -> OutgoingMessage:
        return self._outgoing(leaf, data, tail, properties)

    def _outgoing(
        self,
        leaf: Leaf,
        payload: bytes,
        tail: str = "",
        properties: tuple[tuple[str, str], ...] = (),
    ) -> OutgoingMessage:
        family = BY_LEAF[self.kind, leaf]
        return OutgoingMessage(
            self.topic(leaf, tail), payload, family.qos, family.retain, properties
        )
