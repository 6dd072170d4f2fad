"""The evidence store over time: it is verified, and uploads that belong to nothing go."""

import asyncio
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.catalogue.commands import import_starter
from hub.db import Connection, Pool
from hub.errors import Unavailable
from hub.evidence import EvidenceStore, PhotoSource, open_evidence, record_photo
from hub.evidence.store import make_store
from hub.evidence.unlinked import delete_bytes, delete_unlinked_photos
from hub.evidence.verifying import EvidenceReport, verify_evidence
from tests.use_cases import carry_out

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
OLD = NOW - timedelta(days=1, seconds=1)

CASE = """
WITH filed AS (
    INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity, lon, lat,
                       error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by)
    VALUES ('C-1', 'FILED', 'manhole_cover', 'broken', 1, 'high', 103.82, 25.6, 5, 'x',
            %(at)s, %(at)s, %(at)s, 'user:li')
    RETURNING case_id
)
INSERT INTO case_evidence (case_id, sha256, kind, added_at)
SELECT case_id, %(sha256)s, 'filing', %(at)s FROM filed
"""


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return open_evidence(f"file://{tmp_path}")


async def kept(
    db: Connection, store: EvidenceStore, name: str, at: datetime = OLD, **source: str
) -> str:
    """Store a photo that `username` or `device_id` sent; returns its hash."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    store.put(sha256, name.encode())
    sender = {"device_id": None, "username": None} | source
    await record_photo(db, sha256, len(name), 320, 240, PhotoSource(received_at=at, **sender))
    return sha256


async def verified(
    pool: Pool, store: EvidenceStore
) -> tuple[EvidenceReport, list[tuple[int, int]]]:
    seen: list[tuple[int, int]] = []
    report = await verify_evidence(
        pool, store, lambda: NOW, lambda done, total: seen.append((done, total))
    )
    return report, seen


async def test_verify_finds_what_is_missing_changed_and_foreign(
    pool: Pool, store: EvidenceStore, tmp_path: Path
) -> None:
    async with pool.connection() as db:
        names = [await kept(db, store, name, username="li") for name in ("a", "b", "c")]
    gone, swapped, whole = names
    (tmp_path / gone[:2] / f"{gone}.jpg").unlink()
    (tmp_path / swapped[:2] / f"{swapped}.jpg").write_bytes(b"another photo")
    (tmp_path / "notes.txt").write_text("what is this?")
    report, seen = await verified(pool, store)
    assert (report.checked, report.missing, report.changed) == (3, [gone], [swapped])
    assert report.foreign == ["notes.txt"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert not report.is_whole
    async with pool.connection() as db:
        cursor = await db.execute("SELECT sha256, damage FROM evidence ORDER BY damage")
        assert await cursor.fetchall() == [(swapped, "changed"), (gone, "missing"), (whole, None)]
    store.put(gone, b"a")
    store.put(swapped, b"b")
    assert (await verified(pool, store))[0].is_whole
    async with pool.connection() as db:
        cursor = await db.execute("SELECT count(*) FROM evidence WHERE damage IS NOT NULL")
        assert await cursor.fetchone() == (0,)


async def test_the_command_names_what_is_damaged_and_ends_with_1_until_it_is_whole_again(
    database_url: str, pool: Pool, store: EvidenceStore, tmp_path: Path
) -> None:
    async with pool.connection() as db:
        gone = await kept(db, store, "a", username="li")
    variables = {
        "PATROLHUB_DATABASE_URL": database_url,
        "PATROLHUB_DISTRICT": "530303",
        "PATROLHUB_EVIDENCE_URL": f"file://{tmp_path}",
    }

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", "evidence", "verify"],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    store.delete(gone, ())
    told = await asyncio.to_thread(verify)
    assert (told.returncode, f"missing: {gone}" in told.stderr) == (1, True)
    store.put(gone, b"a")
    told = await asyncio.to_thread(verify)
    assert told.returncode == 0
    assert "1 photos checked: 0 missing, 0 changed" in told.stdout


async def sweep(pool: Pool, store: EvidenceStore) -> tuple[int, int]:
    async with pool.connection() as db:
        rows = await carry_out(db, NOW, delete_unlinked_photos)
    async with pool.connection() as db:
        return rows, await carry_out(db, NOW, delete_bytes, store)


async def test_an_upload_that_nothing_uses_is_deleted_after_a_day_with_its_bytes(
    pool: Pool, store: EvidenceStore
) -> None:
    async with pool.connection() as db:
        await kept(db, store, "unused", username="li")
        fresh = await kept(db, store, "of today", NOW, username="li")
        sent = await kept(db, store, "of a terminal", device_id="T-1")
    assert await sweep(pool, store) == (1, 1)
    assert {path.rpartition("/")[2] for path in store.paths()} == {f"{fresh}.jpg", f"{sent}.jpg"}
    assert await sweep(pool, store) == (0, 0)


async def test_a_photo_of_a_case_or_a_signal_is_never_deleted(
    pool: Pool, store: EvidenceStore
) -> None:
    async with pool.connection() as db:
        await carry_out(db, NOW, import_starter)
        of_case = await kept(db, store, "of a case", username="li")
        of_signal = await kept(db, store, "of a signal", username="li")
        await db.execute(CASE, {"at": NOW, "sha256": of_case})
        await db.execute(
            "INSERT INTO signal (source, identity, type, observed_at, received_at, evidence, state)"
            " VALUES ('terminal', 'e-1', 'report', now(), now(), ARRAY[%s], 'new')",
            (of_signal,),
        )
    assert await sweep(pool, store) == (0, 0)
    assert (await verified(pool, store))[0].is_whole


async def test_an_unused_upload_that_is_sent_again_has_another_day(
    pool: Pool, store: EvidenceStore
) -> None:
    async with pool.connection() as db:
        await kept(db, store, "unused", username="li")
        await kept(db, store, "unused", NOW, username="li")
    assert await sweep(pool, store) == (0, 0)


async def test_the_bytes_of_a_photo_that_came_in_again_are_kept(
    pool: Pool, store: EvidenceStore
) -> None:
    async with pool.connection() as db:
        await kept(db, store, "unused", username="li")
    async with pool.connection() as db:
        assert await carry_out(db, NOW, delete_unlinked_photos) == 1
        sha256 = await kept(db, store, "unused", NOW, device_id="T-1")
        assert await carry_out(db, NOW, delete_bytes, store) == 0
    assert store.get(sha256) == b"unused"


async def test_migrate_makes_the_folder_of_a_new_hub_only(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    async with pool.connection() as db:
        await make_store(db, f"file://{folder}")
        await kept(db, open_evidence(f"file://{folder}"), "a", username="li")
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises(Unavailable, match=str(folder)):
            await make_store(db, f"file://{folder}")
    assert not folder.exists()
