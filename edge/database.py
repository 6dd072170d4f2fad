"""The node's one SQLite file: tracks and outbox together, so that one commit covers both."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

SCHEMA_VERSION = 3
_SCHEMA = Path(__file__).with_name("schema.sql")
_UPGRADE = Path(__file__).with_name("schema_upgrade.sql")


class Durability(StrEnum):
    """What a commit waits for."""

    FULL = "FULL"
    """The disk: what was committed survives a power cut."""
    NORMAL = "NORMAL"
    """The operating system: a power cut may undo it, the death of the process does not."""


class StorageFailed(OSError):
    """The disk cannot be written or read: it is full, read-only or broken."""

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
    """A newer version of this program wrote the file."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            f"{path} has schema version {version}, this program knows {SCHEMA_VERSION}; "
            "run the newer version, or point PATROLHUB_EDGE_DATA_DIR at an empty folder"
        )
        self.path = path
        self.version = version


def connect(path: Path, durability: Durability) -> sqlite3.Connection:
    """Open the file, creating it if it is missing and upgrading it if it is old.

    One connection per thread. Raises NewerDatabase.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, timeout=30.0, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {durability}")
    connection.execute("PRAGMA cache_size = -1024")
    _migrate(connection, path)
    return connection


def put_aside_if_damaged(path: Path) -> Path | None:
    """Move a damaged file out of the way and return its new path; None if there was no damage.

    Only the last damaged file is kept.
    """
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
    """Commit all of the block's writes, or none of them. Raises StorageFailed if the disk refuses.

    A durability holds from this transaction on.
    """
    with storage_errors():
        if durability is not None:
            connection.execute(f"PRAGMA synchronous = {durability}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # After some disk errors SQLite has already ended the transaction.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise the disk's errors as StorageFailed; let the program's own pass as they are."""
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
    """SQLite's primary result code, the low byte of an extended one; None for other errors."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        connection.close()
        raise NewerDatabase(path, version)
    if version < SCHEMA_VERSION:
        script = _UPGRADE if version else _SCHEMA
        try:
            connection.executescript(script.read_text(encoding="utf-8"))
        except sqlite3.DatabaseError:
            connection.close()
            raise
