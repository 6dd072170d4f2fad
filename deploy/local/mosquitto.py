"""A private Mosquitto on a free loopback port, with a login and an access list for every device."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.ports import free_port, wait_for_port


class MosquittoMissing(RuntimeError):
    """There is no mosquitto program; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "mosquitto is not installed; script/bootstrap installs it (package mosquitto)"
        )


def mosquitto_program() -> str:
    """The path of the broker's program. Raises MosquittoMissing."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MosquittoMissing
    return found


@dataclass
class Mosquitto:
    """A broker of our own. `folder` holds `passwords` and `acl` (see wire.acl) and its state.

    Devices use `device_port`, where the user name is the client id, so that none can cut another off by
    taking its id. The hub's processes, each with an id of its own, use `port`.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    device_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start (again) and return once it accepts connections; sessions and retained messages stay."""
        config = self.folder / "mosquitto.conf"
        config.write_text(self._configuration())
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own configuration
                [mosquitto_program(), "-c", str(config)], stdout=log, stderr=log
            )
        if not all(wait_for_port(port, within_s=10) for port in (self.port, self.device_port)):
            raise RuntimeError(f"mosquitto did not start; see {self.folder / 'mosquitto.log'}")

    def reload(self) -> None:
        """Read `passwords` and `acl` again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it in order; its state is saved."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """Kill -9: what was not yet saved is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def _configuration(self) -> str:
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"listener {self.device_port} 127.0.0.1",
            "use_username_as_clientid true",
            "user root",  # the files are ours; it listens on loopback only
            "allow_anonymous false",
            f"password_file {self.folder / 'passwords'}",
            f"acl_file {self.folder / 'acl'}",
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
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
    """A running broker over `folder`, ended afterwards."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
