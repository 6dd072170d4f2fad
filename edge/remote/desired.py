"""Decodes the desired states that the hub publishes; an unreadable one is logged."""

import structlog

from wire import topics
from wire.decode import Decoded, Malformed, decode
from wire.messages import DesiredModel, DeviceConfig

_log = structlog.get_logger()


def desired_config(topic: str, payload: bytes) -> DeviceConfig | None:
    """The desired configuration; None if it was withdrawn or cannot be read."""
    decoded = _decoded(topic, payload)
    return decoded if isinstance(decoded, DeviceConfig) else None


def desired_model(topic: str, payload: bytes) -> DesiredModel | None:
    """The desired model; None if it was withdrawn or cannot be read."""
    decoded = _decoded(topic, payload)
    return decoded if isinstance(decoded, DesiredModel) else None


def _decoded(topic: str, payload: bytes) -> Decoded | None:
    if not payload:
        return None
    try:
        return decode(topics.parse(topic), payload)
    except Malformed as error:
        _log.error("desired_state_unreadable", topic=topic, reason=error.reason)
        return None
