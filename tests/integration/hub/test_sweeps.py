"""Where a crowd changes at once, sweeps change a share of it in each transaction, and in the end all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from hub.cases.commands import flag_overdue
from hub.catalogue.commands import import_starter
from hub.db import Connection, Pool, in_shares
from hub.devices import commands
from hub.devices.commands import sweep_clocks, sweep_presence
from hub.devices.device import Presence, PresenceFacts, SettledPresence, settled
from hub.journal.unit_of_work import UnitOfWork
from hub.worker.sweeps import Sweep, Sweeper
from tests.districts import add_device, add_units
from tests.use_cases import carry_out

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
SHARE = 3


@pytest.fixture(autouse=True)
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SHARE", SHARE)


async def register(pool: Pool, count: int, **columns: object) -> None:
    """So many devices that are online and were heard now."""
    facts = {"presence": "online", "last_uplink_at": NOW} | columns
    async with pool.connection() as db:
        for number in range(count):
            await add_device(db, f"T-{number}", **facts)


async def journaled(pool: Pool, kind: str) -> list[int]:
    """How many entries of a kind each transaction wrote."""
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT count(*) FROM journal WHERE kind = %s GROUP BY xmin::text ORDER BY min(journal_id)",
            (kind,),
        )
        return [row[0] for row in await cursor.fetchall()]


async def test_a_crowd_that_falls_silent_is_told_of_in_shares(pool: Pool) -> None:
    await register(pool, 8)
    later = NOW + timedelta(minutes=10)
    assert await in_shares(pool, lambda db: carry_out(db, later, sweep_presence), SHARE) == 8
    assert await journaled(pool, "presence") == [3, 3, 2]
    assert await in_shares(pool, lambda db: carry_out(db, later, sweep_presence), SHARE) == 0


async def test_a_crowds_clocks_are_judged_in_shares(pool: Pool) -> None:
    await register(pool, 7, clock_skew_s=0.2)
    assert await in_shares(pool, lambda db: carry_out(db, NOW, sweep_clocks), SHARE) == 7
    assert await journaled(pool, "clock") == [3, 3, 1]
    assert await in_shares(pool, lambda db: carry_out(db, NOW, sweep_clocks), SHARE) == 0


async def test_a_sweep_that_never_ends_is_left_for_the_next_time(pool: Pool) -> None:
    async def finds_more(_: Connection) -> int:
        return SHARE

    assert await in_shares(pool, finds_more, SHARE) > SHARE


def _presence_cases() -> Iterator[tuple[Presence, str, PresenceFacts]]:
    ago = [None, 0, 4, 6, 29, 30, 31, 179, 180, 181, 400]
    links = ["online", "offline"]
    for presence, uplink, will, back, link in product(Presence, ago[1:], ago, ago[:4], links):
        at = [None if s is None else NOW - timedelta(seconds=s) for s in (uplink, will, back)]
        yield presence, link, PresenceFacts(at[0], at[1], at[2])


async def test_whom_a_sweep_passes_over_would_not_have_changed(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = list(_presence_cases())
    monkeypatch.setattr(commands, "SHARE", len(cases))
    async with pool.connection() as db:
        async with db.cursor().copy(
            "COPY device (device_id, kind, name_zh, name_en, registered_at, presence, link,"
            " last_uplink_at, status_at, returned_at) FROM STDIN"
        ) as copy:
            for number, (presence, link, facts) in enumerate(cases):
                times = (facts.last_uplink_at, facts.last_will_at, facts.returned_at)
                row = (f"T-{number}", "terminals", "", "", NOW, presence, link, *times)
                await copy.write_row(row)
        await carry_out(db, NOW, sweep_presence)
        cursor = await db.execute(
            "SELECT presence, returned_at FROM device ORDER BY substr(device_id, 3)::integer"
        )
        found = [SettledPresence(Presence(row[0]), row[1]) for row in await cursor.fetchall()]
    expected = [
        settled(
            NOW,
            presence,
            facts
            if link == "offline"
            else PresenceFacts(facts.last_uplink_at, returned_at=facts.returned_at),
        )
        for presence, link, facts in cases
    ]
    assert found == expected


async def test_a_broken_case_keeps_no_other_from_being_flagged(pool: Pool) -> None:
    async with pool.connection() as db:
        await carry_out(db, NOW, import_starter)
        await add_units(db, "housing_bureau")
        await db.execute(
            "INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity,"
            " lon, lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by,"
            " lead_unit, routed_at, due_at)"
            " SELECT 'N-' || n, 'HANDLING', 'manhole_cover', 'broken', 1, 'low', 103.8, 25.6, 5,"
            " 'key-' || n, %(at)s, %(at)s, %(at)s, 'system:test', 'housing_bureau', %(at)s, %(at)s"
            " FROM generate_series(1, 500) AS n",
            {"at": NOW},
        )
        await db.execute(
            "CREATE FUNCTION break_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'broken'; END $$;"
            "CREATE TRIGGER breaks BEFORE UPDATE ON cases FOR EACH ROW"
            " WHEN (OLD.case_no = 'N-250') EXECUTE FUNCTION break_one()"
        )
    sweeper = Sweeper(pool, lambda: NOW + timedelta(hours=1))
    await sweeper.run(Sweep("overdue", flag_overdue))
    async with pool.connection() as db:
        cursor = await db.execute("SELECT count(*) FROM cases WHERE overdue_at IS NOT NULL")
        assert await cursor.fetchall() == [(499,)]
    assert await journaled(pool, "transition") == [499]


async def test_the_failure_of_one_sweep_stops_no_other(pool: Pool) -> None:
    async def fails(_: UnitOfWork) -> int:
        raise ValueError

    async def finds_one(_: UnitOfWork) -> int:
        return 1

    sweeper = Sweeper(pool, lambda: NOW)
    found = await sweeper.run_all((Sweep("failing", fails), Sweep("finding", finds_one)))
    assert found == {"failing": 0, "finding": 1}
