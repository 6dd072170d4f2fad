"""The benchmark of queries fills what it says and asks all that it names; how fast, no test asks."""

from datetime import timedelta

from bench.queries.history import Filled, HistoryPlan, fill, prepare
from bench.queries.questions import QUESTIONS, ask_all
from hub.clock import now
from hub.db import Connection, Pool
from hub.telemetry.storage.layout import storage_state

PLAN = HistoryPlan(terminals=3, interval_s=300, rows=3 * 288 * 3, minutes=5, asks=3)


async def test_history_grows_by_whole_days_and_every_question_is_answered(
    database_url: str, pool: Pool, db: Connection
) -> None:
    at = now()
    assert await prepare(database_url, PLAN, at) is (await storage_state(db)).layout
    stages: list[Filled] = [filled async for filled in fill(database_url, PLAN, at)]
    assert [len(filled.days) for filled in stages] == [1, 2, 3]
    assert stages[-1].days[-1] == at.date() - timedelta(days=3)
    counted = await db.execute(
        "SELECT (SELECT count(*) FROM telemetry), (SELECT sum(samples) FROM telemetry_hourly)"
    )
    assert await counted.fetchone() == (stages[-1].rows, stages[-1].rows)
    times = await ask_all(pool, PLAN, stages[-1])
    assert times.keys() == QUESTIONS.keys()
    assert all(0 < each.p50 <= each.p95 for each in times.values())


async def test_filling_stops_after_the_day_in_which_time_is_up(database_url: str) -> None:
    plan = HistoryPlan(terminals=1, interval_s=600, rows=10**6, minutes=0.0001, asks=3)
    at = now()
    await prepare(database_url, plan, at)
    assert [len(each.days) async for each in fill(database_url, plan, at)] == [1]
