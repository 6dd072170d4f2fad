"""A few days played in a small district."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import AsyncCursor

from deploy.local.postgres import drop_database
from firmware_sim.photo_folder import PhotoCounts, write_photos
from hub.cases.repair_check import PhotoVerdict
from hub.cases.verification import check_cases
from hub.catalogue.commands import import_starter
from hub.db import Pool, open_pool
from hub.errors import Conflict, InvalidInput
from hub.evidence import open_evidence
from hub.rehearsal.commands import rehearse
from hub.rehearsal.play import PlayedDays, RehearsalPlan
from models import RepairJudgement
from tests.conftest import copy_database
from tests.districts import add_cover, add_device, add_district, add_territory, add_units
from tests.use_cases import carry_out

UNTIL = datetime(2025, 9, 4, 10, tzinfo=UTC)
PLAN = RehearsalPlan(days=4, until=UNTIL, seed=3, matters_a_day=5)


_KINDS = "SELECT DISTINCT kind FROM journal"


class UnsureJudge:
    name = "none"

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        return PhotoVerdict(RepairJudgement.UNSURE, None, 0.0, None, self.name)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    write_photos(folder, PhotoCounts(repairs=16, streets=70), seed=1)
    return folder


@pytest.fixture
async def district(pool: Pool) -> None:
    await _furnish(pool)


async def _furnish(pool: Pool) -> None:
    async with pool.connection() as db:
        await add_district(db)
        await add_units(
            db,
            *("housing_bureau", "power_supply", "sanitation", "public_security", "village_001"),
            *("urban_management", "traffic_police", "justice", "labour", "civil_affairs"),
            *("natural_resources", "ecology", "telecom"),
        )
        await add_territory(db, "village_001")
        await add_cover(db, "A-1", 103.82, 25.6)
        await add_cover(db, "A-2", 103.83, 25.61)
        await add_device(
            db, "T-0001", holder_registered="网格员", unit_key="village_001", lon=103.82, lat=25.6
        )
        await add_device(
            db, "C-001", "cameras", unit_key="village_001", lon=103.82, lat=25.6, coverage_m=40
        )
        await add_device(db, "E-01", "edges", cameras=["C-001"])
        await carry_out(db, UNTIL, import_starter)


async def _play(
    pool: Pool, photos: Path, tmp_path: Path, plan: RehearsalPlan = PLAN, **more: object
) -> PlayedDays:
    evidence = open_evidence(f"file://{tmp_path}", create=True)
    return await rehearse(pool, plan, photos, evidence, UnsureJudge(), **more)


async def test_days_fill_the_district_through_its_own_rules(
    district: None, pool: Pool, photos: Path, tmp_path: Path
):
    days: list[date] = []

    played = await _play(pool, photos, tmp_path, on_day=days.append)

    assert [days[0], days[-1], len(days)] == [date(2025, 8, 31), date(2025, 9, 4), 5]
    assert played.matters >= 12
    assert played.steps >= 3 * played.matters
    assert played.refused <= played.steps // 20
    async with pool.connection() as db:
        assert [str(finding) async for finding in check_cases(db)] == []
        states = dict(
            await (await db.execute("SELECT state, count(*) FROM cases GROUP BY 1")).fetchall()
        )
        kinds = {row[0] for row in await (await db.execute(_KINDS)).fetchall()}
        digests = await (await db.execute("SELECT body FROM digest ORDER BY day")).fetchall()
        newest = await (await db.execute("SELECT max(at), min(at) FROM journal")).fetchone()
    assert states["CLOSED"] >= 5
    assert newest[0] <= UNTIL
    assert newest[1] >= datetime(2025, 8, 30, 16, tzinfo=UTC)
    assert kinds >= {
        *("presence", "note_added", "outside_counts_imported", "digest_made"),
        *("weekly_list_generated", "indicators_published", "points_period_closed"),
    }
    assert [digest["coverage"]["visited"] for (digest,) in digests][-1] == 1


async def test_the_same_plan_plays_the_same_days(
    district: None,
    pool: Pool,
    photos: Path,
    tmp_path: Path,
    server_url: str,
    template_database: str,
):
    await _play(pool, photos, tmp_path)
    first = await _entries(pool)
    name = f"again_{uuid4().hex[:8]}"
    try:
        url = copy_database(server_url, template_database, name)
        async with open_pool(url, name="again") as again:
            await _furnish(again)
            await _play(again, photos, tmp_path)
            assert await _entries(again) == first
    finally:
        drop_database(server_url, name)


async def _entries(pool: Pool) -> list[tuple[object, ...]]:
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT subject, subject_id, kind, event, to_state, at, actor FROM journal"
            " ORDER BY journal_id"
        )
        return await cursor.fetchall()


async def test_a_district_with_cases_is_left_alone(
    district: None, pool: Pool, photos: Path, tmp_path: Path
):
    await _play(pool, photos, tmp_path)
    with pytest.raises(Conflict, match="only where there are none"):
        await _play(pool, photos, tmp_path)


async def test_days_are_played_with_few_statements_for_each_step(
    district: None, pool: Pool, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sent = Counter[str]()
    execute = AsyncCursor.execute

    async def counted(cursor: AsyncCursor, query: object, *args: object, **more: object) -> object:
        sent["statements"] += 1
        return await execute(cursor, query, *args, **more)

    monkeypatch.setattr(AsyncCursor, "execute", counted)

    played = await _play(pool, photos, tmp_path, replace(PLAN, days=2, matters_a_day=8))

    assert played.steps > 40
    assert sent["statements"] < 45 * played.steps


async def test_a_folder_with_too_few_photos_is_refused_with_what_is_needed(
    district: None, pool: Pool, photos: Path, tmp_path: Path
):
    with pytest.raises(InvalidInput, match=r"need 384 and 2160: .* --repairs 384"):
        await _play(pool, photos, tmp_path, replace(PLAN, days=100, matters_a_day=12))


async def test_a_folder_without_photos_is_named_with_the_way_to_get_them(
    district: None, pool: Pool, tmp_path: Path
):
    with pytest.raises(InvalidInput, match="firmware_sim photos"):
        await _play(pool, tmp_path, tmp_path / "evidence")


async def test_a_district_without_terminals_has_nobody_to_find_anything(
    pool: Pool, photos: Path, tmp_path: Path
):
    with pytest.raises(InvalidInput, match="no terminal"):
        await _play(pool, photos, tmp_path)
