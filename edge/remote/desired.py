"""What the hub says on the topics of desired states, decoded; what makes no sense is logged."""

import structlog

from wire import topics
from wire.decode import Decoded, Malformed, decode
from wire.messages import DesiredModel, DeviceConfig

_log = structlog.get_logger()


def desired_config(topic: str, payload: bytes) -> DeviceConfig | None:
    """The configuration that is desired, or None: the wish was taken back, or cannot be read."""
    decoded = _decoded(topic, payload)
    return decoded if isinstance(decoded, DeviceConfig) else None


def desired_model(topic: str, payload: bytes) -> DesiredModel | None:
    """The model that is desired, or None as above."""
    decoded = _decoded(topic, payload)
    return decoded if isinstance(decoded, DesiredModel) else None


def _decoded(topic: str, payload: bytes) -> Decoded | None:
    if not payload:
        return None
    try:
        return decode(topics.parse(topic), payload)
    except Malformed as error:
        _log.error("wish_unreadable", topic=topic, reason=error.reason)
        return None
