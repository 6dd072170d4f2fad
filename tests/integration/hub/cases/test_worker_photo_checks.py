"""The worker as a process: it opens the model once, checks reports, and survives being killed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import psycopg
import pytest

from hub.evidence import open_evidence
from hub.evidence.photos import PhotoSource
from hub.evidence.store import record_photo
from scenes.frame import CoverState
from scenes.patrol import patrol_photo
from tests.integration.hub.cases.conftest import Street
from tests.waiting import until_sync

MODEL_DIR = Path(__file__).parents[4] / "models" / "street"


@contextmanager
def killed_worker(database_url: str, tmp_path: Path, log: Path) -> Iterator[None]:
    """Run a worker, without a broker to publish to, and kill it at the end."""
    variables = {
        "PATROLHUB_DATABASE_URL": database_url,
        "PATROLHUB_DISTRICT": "530303",
        "PATROLHUB_EVIDENCE_URL": f"file://{tmp_path / 'evidence'}",
        "PATROLHUB_MQTT_PORT": "9",
        "PATROLHUB_MODEL_DIR": str(MODEL_DIR),
    }
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "worker"],
            env=os.environ | variables,
            stdout=lines,
            stderr=lines,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


@pytest.mark.timeout(240)
async def test_killed_and_started_again_it_has_checked_each_photo_once(
    street: Street, database_url: str, tmp_path: Path
) -> None:
    jpegs = [
        cv2.imencode(".jpg", patrol_photo(seed, CoverState.BROKEN).image)[1].tobytes()
        for seed in (1, 2)
    ]
    photos = open_evidence(f"file://{tmp_path / 'evidence'}", create=True)
    for number, jpeg in enumerate(jpegs, 1):
        sha256 = hashlib.sha256(jpeg).hexdigest()
        photos.put(sha256, jpeg)
        async with street.pool.connection() as db:
            await record_photo(
                db, sha256, len(jpeg), 1280, 960, PhotoSource("T-0002", None, street.now)
            )
            await street.report(db, evidence=(sha256,))
        log = tmp_path / f"worker-{number}.log"
        with killed_worker(database_url, tmp_path, log):
            until_sync(lambda wanted=number: checked(database_url) == wanted, within_s=60)
        assert log.read_text().count("model_loaded") == 1

    with psycopg.connect(database_url) as check:
        noted = check.execute("SELECT count(*) FROM journal WHERE kind LIKE 'report_photo_%'")
        tries = check.execute("SELECT max(attempts) FROM photo_check")
        assert (noted.fetchone(), tries.fetchone()) == ((2 * 2,), (1,))


def checked(database_url: str) -> int:
    with psycopg.connect(database_url) as db:
        row = db.execute("SELECT count(*) FROM photo_check WHERE verdict IS NOT NULL").fetchone()
    assert row is not None
    return int(row[0])
