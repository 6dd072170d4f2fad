"""A node that is updated goes on with the file of the program before it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.database import SCHEMA_VERSION, Durability, connect
from edge.outbox import MessagePriority, OutboxTable
from edge.tracking import store
from edge.tracking.snapshot_store import SnapshotStore
from edge.tracking.track import TrackState

SCHEMAS = Path(__file__).with_name("old_schemas")
AT = "2025-08-07T07:19:00+00:00"
STATES = {"candidate": 0, "confirmed": 1, "ended": 2}


def old_file(path: Path, version: int) -> Path:
    """A file of an older version, with a fault in each state and messages that wait."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"{version}.sql").read_text("utf-8"))
        for state, seq in STATES.items():
            connection.execute(
                "INSERT INTO slots VALUES (?, 'C-001', 'manhole', ?, 'manhole_open',"
                " 0.1, 0.2, 0.3, 0.4, 0.9, ?, ?, ?, 1.5, 0.5, 1.0, 4, 0, NULL, 1, ?, ?, NULL)",
                (f"the {state} one", state, AT, AT, AT, seq, AT if seq else None),
            )
        connection.executemany(
            "INSERT INTO outbox (worth, topic, size, payload) VALUES (?, ?, 257, x'61')",
            [(3, "first"), (0, "second")],
        )
        connection.execute("DELETE FROM outbox WHERE topic = 'second'")
        connection.execute("INSERT INTO dropped VALUES (2, 7)")
        connection.commit()
    return path


def columns(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every column and every indexed column, by table and by index."""
    names = connection.execute("SELECT type, name FROM sqlite_master ORDER BY name").fetchall()
    return {
        f"{kind} {name}": [tuple(row) for row in connection.execute(f"PRAGMA {kind}_info({name})")]
        for kind, name in names
    }


@pytest.mark.parametrize("version", [1, 2])
def test_an_upgraded_file_is_like_a_new_one(tmp_path: Path, version: int) -> None:
    with (
        closing(connect(old_file(tmp_path / "old.db", version), Durability.FULL)) as upgraded,
        closing(connect(tmp_path / "new.db", Durability.FULL)) as new,
    ):
        assert columns(upgraded) == columns(new)
        assert upgraded.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION


@pytest.mark.parametrize("version", [1, 2])
def test_the_faults_of_an_old_file_are_known_after_the_upgrade(
    tmp_path: Path, version: int
) -> None:
    with closing(connect(old_file(tmp_path / "edge.db", version), Durability.FULL)) as connection:
        tracks = {track.detection_id: track for track in store.load(connection)}
    assert {detection_id: track.state for detection_id, track in tracks.items()} == {
        "the candidate one": TrackState.TENTATIVE,
        "the confirmed one": TrackState.CONFIRMED,
        "the ended one": TrackState.LOST,
    }
    confirmed = tracks["the confirmed one"]
    assert (confirmed.seq, confirmed.fault, confirmed.hits, confirmed.misses) == (1, 1.5, 4, 1)
    assert confirmed.published_at is not None
    assert confirmed.published_at.isoformat() == AT
    assert confirmed.box.h == 0.4


@pytest.mark.parametrize("version", [1, 2])
def test_the_messages_of_an_old_file_are_still_to_be_sent(tmp_path: Path, version: int) -> None:
    with closing(connect(old_file(tmp_path / "edge.db", version), Durability.FULL)) as connection:
        outbox = OutboxTable(connection, 100_000)
        (first,) = outbox.after(0, 10)
        assert (first.message.topic, first.message.priority) == (
            "first",
            MessagePriority.TRANSITION,
        )
        assert outbox.dropped() == {MessagePriority.EVIDENCE: 7}
        connection.execute("INSERT INTO outbox VALUES (NULL, 0, 'next', 1, x'61')")
        assert outbox.after(first.outbox_id, 1)[0].outbox_id == 3, "a number was used again"


def test_the_pictures_of_an_old_file_are_kept(tmp_path: Path) -> None:
    path = old_file(tmp_path / "edge.db", 2)
    sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO pictures VALUES (?, ?)", (sha256, b"hello"))
        connection.execute(
            "INSERT INTO shots VALUES ('the candidate one', 'first', ?, 0.9, 0.1, 0.2, 0.3, 0.4, ?)",
            (sha256, AT),
        )
        connection.commit()
    with closing(connect(path, Durability.FULL)) as connection:
        (snapshot,) = SnapshotStore(connection).of("the candidate one")
    assert snapshot.evidence.jpeg == b"hello"


def test_an_upgrade_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = old_file(tmp_path / "edge.db", 2)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP INDEX outbox_by_worth")
    with pytest.raises(sqlite3.OperationalError):
        connect(path, Durability.FULL)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 2
        assert connection.execute("SELECT count(*) FROM slots").fetchone()[0] == len(STATES)
