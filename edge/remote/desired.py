"""Decodes the desired states that the hub publishes, and checks who wrote them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from wire import topics
from wire.decode import Decoded, Malformed, decode
from wire.messages import DesiredModel, DeviceConfig, desired_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_log = structlog.get_logger()

_Desired = TypeVar("_Desired", DeviceConfig, DesiredModel)


@dataclass(frozen=True)
class Wish(Generic[_Desired]):
    """A desired state; `objection` says why the node must not follow it, whatever it says."""

    desired: _Desired
    objection: str | None = None


@dataclass(frozen=True)
class DesiredReader:
    """`key` is the hub's. Without one, whoever may publish on the topic is believed."""

    key: "Ed25519PublicKey | None" = None

    def config(self, topic: str, payload: bytes) -> Wish[DeviceConfig] | None:
        """The desired configuration; None if it was withdrawn or cannot be read, which is logged."""
        decoded = _decoded(topic, payload)
        if not isinstance(decoded, DeviceConfig):
            return None
        return Wish(decoded, self._objection(topic, payload, decoded.hub_signature))

    def model(self, topic: str, payload: bytes) -> Wish[DesiredModel] | None:
        """The desired model; None if it was withdrawn or cannot be read, which is logged."""
        decoded = _decoded(topic, payload)
        if not isinstance(decoded, DesiredModel):
            return None
        return Wish(decoded, self._objection(topic, payload, decoded.hub_signature))

    def _objection(self, topic: str, payload: bytes, signature: str | None) -> str | None:
        if self.key is None:
            return None
        if signature is None:
            return "the hub has not signed it: set PATROLHUB_DESIRED_KEY_FILE at the hub"
        from models.signing import BadSignature, check

        try:
            check(desired_text(topic, payload), signature, self.key)
        except BadSignature as error:
            return f"it is not the hub's, by PATROLHUB_EDGE_HUB_KEY: {error}"
        return None


def _decoded(topic: str, payload: bytes) -> Decoded | None:
    if not payload:
        return None
    try:
        return decode(topics.parse(topic), payload)
    except Malformed as error:
        _log.error("desired_state_unreadable", topic=topic, reason=error.reason)
        return None
