"""A snapshot has succeeded once its photo is here, whatever its terminal says."""

import pytest

from hub.commands.awaited_photos import end_snapshots
from hub.commands.command import CommandState
from hub.commands.reading import CommandView, command_by_id
from hub.dispatch import commands as dispatch
from hub.dispatch.commands import NewCommand
from hub.evidence import PhotoSource, record_photo
from hub.refusals.dead_letter import DeadLetter
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import refuse
from tests.integration.hub.dispatch.conftest import District
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType, RefusalOutcome

PHOTO = "ab" * 32


async def snapshot(district: District) -> CommandView:
    await district.terminal("T-1")
    command = await district.issue(NewCommand("T-1", CommandType.SNAPSHOT))
    await district.broker_takes()
    return await district.ack(command, AckState.DELIVERED, 1)


async def says_done(district: District, command: CommandView, *photos: str) -> CommandView:
    return await district.ack(command, AckState.SUCCEEDED, 2, result={"evidence": list(photos)})


async def photo_comes(district: District) -> None:
    await record_photo(district.db, PHOTO, 1, 1, 1, PhotoSource("T-1", None, district.now))


async def now_is(district: District, command: CommandView) -> CommandView:
    await carry_out(district.db, district.now, end_snapshots)
    await carry_out(district.db, district.now, dispatch.run_timers)
    return await command_by_id(district.db, command.command_id)


async def test_a_snapshot_whose_photo_is_here_succeeds_at_once(district: District) -> None:
    command = await snapshot(district)
    await photo_comes(district)
    assert (await says_done(district, command, PHOTO)).state is CommandState.SUCCEEDED


async def test_a_snapshot_is_in_progress_until_its_photo_comes(district: District) -> None:
    command = await snapshot(district)
    waiting = await says_done(district, command, PHOTO)
    assert (waiting.state, waiting.reason) == (CommandState.IN_PROGRESS, "photo_awaited")
    assert [photo.sha256 for photo in waiting.missing_photos] == [PHOTO]
    district.forward(seconds=20)
    assert (await now_is(district, command)).state is CommandState.IN_PROGRESS
    await photo_comes(district)
    done = await now_is(district, command)
    assert (done.state, done.reason) == (CommandState.SUCCEEDED, "photo_came")
    assert done.result == {"evidence": [PHOTO]}
    assert done.missing_photos == []


@pytest.mark.parametrize("photos", [(), (PHOTO,)], ids=["none named", "none came"])
async def test_a_snapshot_without_a_photo_runs_out_of_time(
    district: District, photos: tuple[str, ...]
) -> None:
    command = await snapshot(district)
    await says_done(district, command, *photos)
    district.forward(seconds=31)
    assert (await now_is(district, command)).state is CommandState.TIMED_OUT


async def test_the_repeat_of_such_an_answer_changes_nothing(district: District) -> None:
    command = await snapshot(district)
    waiting = await says_done(district, command, PHOTO)
    again = await says_done(district, command, PHOTO)
    assert again.state is waiting.state
    assert len([line for line in again.history if line.counted]) == len(waiting.history)


async def test_a_camera_s_snapshot_names_no_photo(district: District) -> None:
    command = await snapshot(district)
    await district.db.execute("UPDATE device SET kind = 'cameras' WHERE device_id = 'T-1'")
    assert (await says_done(district, command)).state is CommandState.SUCCEEDED


async def test_the_refusal_of_a_photo_is_shown_at_the_order_that_asked_for_it(
    district: District,
) -> None:
    command = await snapshot(district)
    await says_done(district, command, PHOTO)
    topic = f"patrol/v1/530303/terminals/T-1/evidence/{PHOTO}"
    letter = DeadLetter(
        RefusalOutcome.MALFORMED,
        topic.removesuffix(f"/{PHOTO}"),
        "payload: not a JPEG",
        topic,
        b"x",
        district.now,
        "T-1",
        sampled=False,
    )
    await refuse(district.db, [letter], RefusedKeeping())
    (photo,) = (await command_by_id(district.db, command.command_id)).missing_photos
    assert photo.refusal is not None
    assert photo.refusal.reason == "payload: not a JPEG"
