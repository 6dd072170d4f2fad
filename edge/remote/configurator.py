"""Brings the desired configuration into use: checks, stores, applies and reports it.

A configuration with which the node dies again and again is rolled back to the one before it.
"""

import queue
import time
from collections.abc import Callable, Collection
from pathlib import Path

import structlog
from pydantic import JsonValue, ValidationError

from edge.atomic_file import write_atomically
from edge.reach import Reach
from edge.remote.config import BadConfig, Setup, read_config
from edge.remote.rollback import RollbackState, StoredRecord
from edge.validation import explained
from wire.limits import MAX_JSON_BYTES
from wire.messages import DeviceConfig

_log = structlog.get_logger()

_LONGEST_ERROR = 1000
_PROVED_AFTER_S = 300.0
"""A configuration has proved itself once the node has run with it for so long."""


class GivenUp(StoredRecord):
    """The configuration that is not taken again, and why."""

    version: int
    reason: str


class ConfigState(RollbackState[DeviceConfig]):
    """What is stored for the next start; `newest` is the highest version that was ever in use."""

    given_up: GivenUp | None = None
    newest: int = 0


class Configurator:
    """The node's present setup. `installed` is the one without the hub; `classes` are the model's.

    Requests come from one thread, and another one applies them. With `in_order`, an older version than
    one that was in use is refused: somebody may have kept it to send it again.
    """

    def __init__(
        self,
        file: Path,
        installed: Setup,
        own: dict[str, JsonValue],
        classes: Callable[[], Collection[str]],
        reach: Reach,
        now_s: Callable[[], float] = time.monotonic,
        *,
        in_order: bool = False,
    ) -> None:
        self._file = file
        self._installed = installed
        self._own = own
        self._classes = classes
        self._reach = reach
        self._now_s = now_s
        self._in_order = in_order
        self._requests: queue.SimpleQueue[tuple[DeviceConfig, str | None]] = queue.SimpleQueue()
        self._newest: DeviceConfig | None = None
        self._error: str | None = None
        self._state = self._read()
        self._since_s = now_s()
        self.setup = self._first_setup()

    def request(self, desired: DeviceConfig, objection: str | None = None) -> None:
        """The hub wants this configuration, or so it seems: not followed if there is an objection.

        The same request may come again and again.
        """
        if desired != self._newest:
            self._newest = desired
            self._requests.put((desired, objection))

    def next(self) -> bool:
        """Apply the newest request; whether `setup` or the report has changed."""
        self._prove()
        desired: DeviceConfig | None = None
        objection: str | None = None
        while not self._requests.empty():
            desired, objection = self._requests.get()
        if desired is None or (
            objection is None and desired.version == self.setup.version and self._error is None
        ):
            return False
        try:
            self.setup = self._applied(desired, objection)
        except (BadConfig, OSError) as error:
            self._error = f"version {desired.version}: {error}"[:_LONGEST_ERROR]
            _log.error("config_refused", version=desired.version, reason=str(error))
        else:
            self._error = None
            _log.info("config_applied", version=desired.version, cameras=len(self.setup.cameras))
        return True

    def reported(self) -> DeviceConfig:
        """What the node runs with, and why it refused a request; without settings if they are too large."""
        settings = self._own | self.setup.reported()
        full = DeviceConfig(version=self.setup.version, settings=settings, error=self._error)
        if len(full.model_dump_json().encode()) <= MAX_JSON_BYTES:
            return full
        return DeviceConfig(version=self.setup.version, error=self._error)

    def stopped_cleanly(self) -> None:
        """The node was told to stop: this start does not count against its configuration."""
        if not self._state.proven:
            self._keep(self._state.stopped_cleanly())

    def _applied(self, desired: DeviceConfig, objection: str | None) -> Setup:
        if objection is not None:
            raise BadConfig(objection)
        if self._in_order and desired.version < self._state.newest:
            raise BadConfig(
                f"it is older than version {self._state.newest}, which this node has had"
            )
        if desired.version == self.setup.version:
            return self.setup
        given_up = self._state.given_up
        if given_up is not None and given_up.version == desired.version:
            raise BadConfig(given_up.reason)
        config = read_config(desired.settings, self._reach, self._classes())
        newest = max(desired.version, self._state.newest)
        update = {"given_up": None, "newest": newest}
        self._write(self._state.adopted(desired).model_copy(update=update))
        self._since_s = self._now_s()
        return self._installed.with_config(desired.version, config)

    def _first_setup(self) -> Setup:
        """The setup to start with: the last good configuration, even if the hub is out of reach."""
        if self._state.failed:
            self._roll_back()
        if not self._state.proven:
            self._keep(self._state.started())
        if (given_up := self._state.given_up) is not None:
            self._error = f"version {given_up.version}: {given_up.reason}"
        desired = self._state.current
        if desired is None:
            return self._installed
        try:
            config = read_config(desired.settings, self._reach)
            return self._installed.with_config(desired.version, config)
        except BadConfig as error:
            self._lose(str(error))
            return self._installed

    def _roll_back(self) -> None:
        """Give up the configuration with which the node died again and again."""
        gone = self._state.current
        if gone is None:
            return
        reason = (
            f"the node ended {self._state.starts} times before it had run with it "
            f"for {_PROVED_AFTER_S / 60:.0f} minutes"
        )
        _log.error("config_rolled_back", version=gone.version, reason=reason)
        given_up = GivenUp(version=gone.version, reason=reason)
        self._keep(self._state.rolled_back().model_copy(update={"given_up": given_up}))

    def _prove(self) -> None:
        if not self._state.proven and self._now_s() - self._since_s >= _PROVED_AFTER_S:
            self._keep(self._state.proved())
            _log.info("config_proved", version=self.setup.version)

    def _read(self) -> ConfigState:
        try:
            return ConfigState.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return ConfigState()
        except ValidationError as error:
            self._lose(explained(error))
            return ConfigState()

    def _lose(self, reason: str) -> None:
        self._error = f"the stored configuration cannot be used: {reason}"[:_LONGEST_ERROR]
        _log.error("config_lost", file=str(self._file), reason=reason)

    def _keep(self, state: ConfigState) -> None:
        """Use this state from now on, even if the disk refuses it."""
        try:
            self._write(state)
        except OSError as error:
            self._state = state
            _log.error("config_state_lost", reason=str(error))

    def _write(self, state: ConfigState) -> None:
        write_atomically(self._file, state.model_dump_json(indent=2) + "\n")
        self._state = state
