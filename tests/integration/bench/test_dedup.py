"""The benchmark of de-duplication lives through its week; how well, a small one tells roughly."""

from bench.dedup.run import found, live_through
from bench.dedup.world import Hardness, build
from hub.db import Pool


async def test_a_small_easy_week_is_brought_together(pool: Pool) -> None:
    world = build(3, 12, Hardness().times(0.5))

    await found(pool, world)
    result = await live_through(pool, world)

    assert result.signals == len(world.sights)
    assert result.precision >= 0.9
    assert result.recall >= 0.9
