"""Messages that a device has had the broker keep, though only births and reported states may be kept.

Mosquitto cannot refuse the flag by topic. The message counts like any other, since it may be an alarm;
the broker's copy is cleared at once.
"""

from collections.abc import Callable

import structlog

from hub.ingest import metrics
from hub.ingest.packets import Publication
from wire.acl import may_be_retained

log = structlog.get_logger()

_MOST_NAMED = 1000


class RetainGuard:
    """`clear` has the broker forget what it keeps of a topic."""

    def __init__(self, clear: Callable[[str], None]) -> None:
        self._clear = clear
        self._named: set[str] = set()

    def is_to_store(self, publication: Publication) -> bool:
        """False for the end of a kept message, which says nothing by itself."""
        topic = publication.topic
        if may_be_retained(topic):
            return True
        if not publication.payload:
            return False
        metrics.RETAINED.inc()
        self._name(topic)
        self._clear(topic)
        return True

    def _name(self, topic: str) -> None:
        """Log each device once, and not more than some."""
        branch = "/".join(topic.split("/")[:5])
        if branch not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(branch)
            log.warning("retained_message_cleared", topic=topic)
