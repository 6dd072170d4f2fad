"""A thousand times two workers take in the same issue at the same moment: a thousand cases."""

import asyncio

import pytest

from tests.integration.hub.cases.conftest import LAT, LON, METRE_EAST, METRE_NORTH
from wire.messages import Place

RACES = 1000
SIDE = 32
APART_M = 300
WITHIN_S = 480


@pytest.mark.timeout(WITHIN_S + 60)
async def test_a_thousand_races_of_two_workers_make_a_thousand_cases(street):
    start = asyncio.Barrier(2)

    def place_of(race: int) -> tuple[float, float]:
        row, column = divmod(race, SIDE)
        return (
            LON + (column - SIDE / 2) * APART_M * METRE_EAST,
            LAT + (row - SIDE / 2) * APART_M * METRE_NORTH,
        )

    async def camera(db, race: int):
        lon, lat = place_of(race)
        return await street.detect(db, lon=lon + 2 * METRE_EAST, lat=lat)

    async def terminal(db, race: int):
        lon, lat = place_of(race)
        return await street.report(db, place=Place(lon=lon, lat=lat, accuracy_m=8))

    async def work(take_in):
        outcomes = []
        for race in range(RACES):
            async with street.pool.connection() as db:
                await start.wait()
                outcomes.append(await take_in(db, race))
        return outcomes

    async with street.pool.connection() as db:
        await db.execute("UPDATE device SET lon = NULL, lat = NULL WHERE device_id = 'C-001'")
    async with asyncio.timeout(WITHIN_S):
        seen, told = await asyncio.gather(work(camera), work(terminal))

    assert [one.case_id for one in seen] == [other.case_id for other in told]
    assert all(one.new_case is not other.new_case for one, other in zip(seen, told, strict=True))
    async with street.pool.connection() as db:
        (cases, signals) = await (
            await db.execute("SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM signal)")
        ).fetchone()
    assert (cases, signals) == (RACES, 2 * RACES)
