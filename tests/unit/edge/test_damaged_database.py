"""A file of tracks and messages that was damaged while the node was away."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edge.database import Durability, connect, put_aside_if_damaged, transaction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "edge.db"
    with closing(connect(path, Durability.FULL)) as connection, transaction(connection):
        connection.executemany(
            "INSERT INTO outbox (priority, topic, size, payload) VALUES (3, ?, 5, x'68656c6c6f')",
            [(f"topic/{number}",) for number in range(500)],
        )
    return path


def waiting(path: Path) -> int:
    with closing(connect(path, Durability.FULL)) as connection:
        return int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])


def nonsense(data: bytes) -> bytes:
    return b"not a database" * (len(data) // 14)


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def holes(data: bytes) -> bytes:
    return data[:4096] + bytes(len(data) - 4096)


@pytest.mark.parametrize("damage", [nonsense, half, holes])
def test_a_damaged_file_is_put_aside_and_a_new_one_started(
    path: Path, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    aside = put_aside_if_damaged(path)
    assert aside == path.with_name("edge.damaged.db")
    assert aside.read_bytes() == damaged
    assert waiting(path) == 0


def test_a_sound_file_stays_whole_with_what_its_log_still_holds(path: Path) -> None:
    with closing(connect(path, Durability.FULL)) as connection:
        with transaction(connection):
            connection.execute("DELETE FROM outbox WHERE outbox_id > 10")
        assert path.with_name("edge.db-wal").stat().st_size > 0
        assert put_aside_if_damaged(path) is None
    assert waiting(path) == 10


def test_only_the_last_damaged_file_is_kept(path: Path) -> None:
    for content in (b"first" * 1000, b"second" * 1000):
        path.write_bytes(content)
        put_aside_if_damaged(path)
    assert [each.name for each in path.parent.iterdir()] == ["edge.damaged.db"]
    assert path.with_name("edge.damaged.db").read_bytes() == content


def test_other_errors_are_raised(path: Path) -> None:
    path.unlink()
    assert put_aside_if_damaged(path) is None
    path.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        put_aside_if_damaged(path)
