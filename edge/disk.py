"""Whether the disk takes writes, for all threads alike."""

import structlog

from edge.database import StorageFailed
from edge.log_throttle import LogThrottle
from wire.messages import Storage

_log = structlog.get_logger()


class Disk:
    """How the last attempt to write went."""

    def __init__(self) -> None:
        self.state = Storage.OK
        self._failures = LogThrottle()

    def failed(self, error: StorageFailed) -> None:
        """Something could not be written; the log says so once a minute."""
        self.state = Storage.FULL if error.full else Storage.FAILING
        if self._failures.due():
            _log.error("storage_failed", storage=str(self.state), reason=str(error))

    def worked(self) -> None:
        """Something was written."""
        if self.state is not Storage.OK:
            _log.info("storage_recovered")
            self._failures.reset()
        self.state = Storage.OK
