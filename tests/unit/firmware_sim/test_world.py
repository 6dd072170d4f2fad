import asyncio

import pytest

from firmware_sim.world import CoverChange, World
from scenes import CoverState
from tests.waiting import turns

COVERS = {"A-0001": (0.0, 0.0), "A-0002": (20.0, 0.0), "A-0003": (500.0, 0.0)}


@pytest.fixture
def world() -> World:
    return World(COVERS, seed=7)


def test_covers_are_whole_until_something_happens(world: World):
    assert world.cover("A-0001") is CoverState.GOOD
    assert world.cover(None) is CoverState.GOOD


def test_every_change_is_logged_with_its_cause_and_repeats_are_not():
    told: list[CoverChange] = []
    world = World(COVERS, 7, told.append)
    world.set_cover("A-0001", CoverState.BROKEN, "lorry")
    world.set_cover("A-0001", CoverState.BROKEN, "lorry")
    world.set_cover("A-0001", CoverState.GOOD, "crew")
    assert [(t.state, t.cause) for t in world.log] == [
        (CoverState.BROKEN, "lorry"),
        (CoverState.GOOD, "crew"),
    ]
    assert told == world.log


def test_an_unknown_cover_is_an_error(world: World):
    with pytest.raises(KeyError):
        world.set_cover("A-9999", CoverState.OPEN, "nobody")


def test_the_damaged_cover_near_a_place_is_the_one_that_is_meant(world: World):
    assert world.cover_near((4, 0)) == "A-0001"
    world.set_cover("A-0002", CoverState.OPEN, "theft")
    assert world.cover_near((4, 0)) == "A-0002"
    assert world.cover_near((250, 0)) is None


def test_a_cover_looks_the_same_in_every_photo(world: World):
    assert world.photo_seed("A-0001", (0, 0)) == world.photo_seed("A-0001", (3, 3))
    assert world.photo_seed("A-0001", (0, 0)) != world.photo_seed("A-0002", (0, 0))
    assert world.photo_seed(None, (0, 0)) != world.photo_seed(None, (40, 0))


async def test_waiting_ends_when_the_world_has_changed(world: World):
    waiting = asyncio.create_task(world.until(lambda: world.is_finished(3)))
    await turns()
    world.finish_case(2)
    await turns()
    assert not waiting.done()
    world.finish_case(3)
    async with asyncio.timeout(1):
        await waiting


def test_a_repair_puts_another_cover_in_its_place():
    world = World({"A-0001": (0.0, 0.0)}, 7)
    before = world.photo_seed("A-0001", (0, 0))
    world.set_cover("A-0001", CoverState.BROKEN, "test")
    assert world.photo_seed("A-0001", (0, 0)) == before
    world.set_cover("A-0001", CoverState.GOOD, "repaired")
    assert world.photo_seed("A-0001", (0, 0)) != before
