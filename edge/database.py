"""The node's one SQLite file: slots and outbox together, so that one commit holds both."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

SCHEMA_VERSION = 2
_SCHEMA = Path(__file__).with_name("schema.sql")


class Durability(StrEnum):
    """What a commit waits for."""

    FULL = "FULL"
    """The disk: what was committed outlives a power cut."""
    NORMAL = "NORMAL"
    """The system: a power cut may undo it, a dying process does not."""


class StorageFailed(OSError):
    """The disk does not take or give what it should: it is full, read-only or broken."""

    def __init__(self, error: sqlite3.DatabaseError) -> None:
        super().__init__(str(error))
        self.full = _primary(error) == sqlite3.SQLITE_FULL


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_DISK_FAULTS = _DAMAGE | frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
    }
)


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


def put_aside_if_damaged(path: Path) -> Path | None:
    """Where the file is now, if it was damaged and had to make room for a new one; one such is kept."""
    if not path.exists() or _is_sound(path):
        return None
    aside = path.with_name(f"{path.stem}.damaged{path.suffix}")
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return path.replace(aside)


@contextmanager
def transaction(
    connection: sqlite3.Connection, durability: Durability | None = None
) -> Iterator[None]:
    """All of the block's writes, or none of them. Raises StorageFailed where the disk refuses.

    A durability holds from this transaction on.
    """
    with told_apart():
        if durability is not None:
            connection.execute(f"PRAGMA synchronous = {durability}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite itself has ended the transaction after some faults of the disk.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def told_apart() -> Iterator[None]:
    """Tell the faults of the disk, as StorageFailed, from those of the program."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _primary(error) in _DISK_FAULTS:
            raise StorageFailed(error) from error
        raise


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            verdict: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            return verdict == "ok"
    except sqlite3.DatabaseError as error:
        if _primary(error) in _DAMAGE:
            return False
        raise


def _primary(error: sqlite3.DatabaseError) -> int | None:
    """SQLite's primary result code, which extended ones carry in their low byte; None if not its own."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        connection.close()
        raise NewerDatabase(path, version)
    if version < SCHEMA_VERSION:
        connection.executescript(_SCHEMA.read_text(encoding="utf-8"))
