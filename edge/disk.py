"""What the node knows of its disk, so that all of its threads tell the same."""

import time

import structlog

from edge.database import StorageFailed
from wire.messages import Storage

_log = structlog.get_logger()

_COMPLAIN_EVERY_S = 60.0


class Disk:
    """How the last attempt to write went."""

    def __init__(self) -> None:
        self.state = Storage.OK
        self._complained_s: float | None = None

    def failed(self, error: StorageFailed) -> None:
        """Something could not be written; the log says so once a minute."""
        self.state = Storage.FULL if error.full else Storage.FAILING
        now_s = time.monotonic()
        if self._complained_s is None or now_s - self._complained_s >= _COMPLAIN_EVERY_S:
            self._complained_s = now_s
            _log.error("storage_failed", storage=str(self.state), reason=str(error))

    def worked(self) -> None:
        """Something was written."""
        if self.state is not Storage.OK:
            _log.info("storage_recovered")
            self._complained_s = None
        self.state = Storage.OK
