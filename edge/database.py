"""The node's one SQLite file: slots and outbox together, so that one commit holds both."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

SCHEMA_VERSION = 1
_SCHEMA = Path(__file__).with_name("schema.sql")


class Durability(StrEnum):
    """What a commit waits for."""

    FULL = "FULL"
    """The disk: what was committed outlives a power cut."""
    NORMAL = "NORMAL"
    """The system: a power cut may undo it, a dying process does not."""


class NewerDatabase(RuntimeError):
    """The file was written by a newer version of this program."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            f"{path} has schema version {version}, this program knows {SCHEMA_VERSION}; "
            "run the newer version, or point PATROLHUB_EDGE_DATA_DIR at an empty folder"
        )
        self.path = path
        self.version = version


def connect(path: Path, durability: Durability) -> sqlite3.Connection:
    """Open the file, making it where it is missing. One connection per thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, timeout=30.0, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {durability}")
    connection.execute("PRAGMA cache_size = -1024")
    _migrate(connection, path)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block's writes, or none of them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        connection.close()
        raise NewerDatabase(path, version)
    if version < SCHEMA_VERSION:
        connection.executescript(_SCHEMA.read_text(encoding="utf-8"))
