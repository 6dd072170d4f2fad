"""A private Mosquitto on free loopback ports: one for devices, one for the hub."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.ports import free_port, is_taken, wait_for_port

_PLUGIN = "mosquitto_dynamic_security.so"


class MosquittoMissing(RuntimeError):
    """There is no mosquitto program; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "mosquitto is not installed; script/bootstrap installs it (package mosquitto)"
        )


class PluginMissing(RuntimeError):
    """There is no dynamic-security plugin; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            f"{_PLUGIN} is not installed; Debian has it in the package mosquitto, others beside it"
        )


def mosquitto_program() -> str:
    """The path of the broker's program. Raises MosquittoMissing."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MosquittoMissing
    return found


def dynamic_security_plugin() -> Path:
    """The path of the plugin that checks devices. Raises MosquittoMissing or PluginMissing."""
    installed = Path(mosquitto_program()).resolve().parents[1]
    for root in (installed, installed / "usr", Path("/usr"), Path("/usr/local")):
        for found in (*root.glob(f"lib/{_PLUGIN}"), *root.glob(f"lib/*/{_PLUGIN}")):
            return found
    raise PluginMissing


@dataclass
class Mosquitto:
    """A broker of our own. `folder` holds the files of hub/devices/broker_files.py and its state.

    On `device_port`, for devices, the user name is the client id, so that none can cut another off by
    taking its id. `port` knows the hub's login alone, whose processes have an id each. `saves_every_s`
    0 saves after every change, which is too expensive with thousands of devices.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    device_port: int = field(default_factory=free_port)
    saves_every_s: int = 0
    starts_within_s: float = 120.0
    saves_within_s: float = 60.0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start (again) and return once it accepts connections; sessions and retained messages stay.

        Raises RuntimeError, with the reason, if it does not start.
        """
        ports = (self.port, self.device_port)
        if taken := [port for port in ports if is_taken(port)]:
            raise RuntimeError(f"mosquitto cannot start: port {taken[0]} is in use")
        config = self.folder / "mosquitto.conf"
        config.write_text(self._configuration())
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own configuration
                [mosquitto_program(), "-c", str(config)], stdout=log, stderr=log
            )
        if not all(self._answers_at(port) for port in ports):
            self.stop()
            raise RuntimeError(f"mosquitto did not start: {self._last_words()}")

    def stop(self) -> None:
        """Stop it in order; its state is saved."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=self.saves_within_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """Kill -9: unsaved state is lost."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def _answers_at(self, port: int) -> bool:
        """Whether it listens there in time; False as soon as it ends."""
        assert self._process is not None
        deadline = time.monotonic() + self.starts_within_s
        while self._process.poll() is None and time.monotonic() < deadline:
            if wait_for_port(port, within_s=0.2):
                return True
        return False

    def _last_words(self) -> str:
        log = self.folder / "mosquitto.log"
        lines = log.read_text(errors="replace").splitlines()
        return f"{lines[-1] if lines else 'no output'} ({log})"

    def _configuration(self) -> str:
        lines = [
            "user root",  # the files are ours; it listens on loopback only
            "per_listener_settings true",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {self.folder / 'hub.passwords'}",
            f"acl_file {self.folder / 'hub.acl'}",
            f"listener {self.device_port} 127.0.0.1",
            "allow_anonymous false",
            "use_username_as_clientid true",
            f"plugin {dynamic_security_plugin()}",
            f"plugin_opt_config_file {self.folder / 'dynamic-security.json'}",
            "persistence true",
            f"persistence_location {self.folder}/",
            f"autosave_on_changes {'false' if self.saves_every_s else 'true'}",
            f"autosave_interval {self.saves_every_s or 1}",
            "max_queued_messages 100000",
            "max_inflight_messages 1000",
            "message_size_limit 16777216",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
        ]
        return "\n".join(lines) + "\n"


@contextmanager
def mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """A running broker over `folder`, stopped afterwards."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
