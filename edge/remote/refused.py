"""What the hub refused of this node's messages is logged: somebody must look at node or registry."""

import structlog
from pydantic import ValidationError

from wire.families import REFUSED

_log = structlog.get_logger()


def log_refusal(payload: bytes) -> None:
    """Log one refusal that the hub tells of; what cannot be read is logged as such."""
    try:
        told = REFUSED.validate_json(payload)
    except ValidationError as error:
        _log.warning("refusal_not_understood", error=str(error).partition("\n")[0])
        return
    _log.warning(
        "message_refused_by_hub",
        topic=told.topic,
        outcome=told.outcome,
        reason=told.reason,
        payload_sha256=told.payload_sha256,
        untold=told.untold,
    )
