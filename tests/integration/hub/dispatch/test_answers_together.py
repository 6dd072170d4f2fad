"""Answers of several devices share a transaction, and one that is refused stops none of the others."""

import asyncio
from functools import partial
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from hub.commands.command import FINAL, CommandState
from hub.commands.reading import CommandView, command_by_id
from hub.commands.store import CommandRow
from hub.db import Pool
from hub.dispatch import commands as dispatch
from hub.dispatch.commands import NewAck, NewCommand
from hub.dispatch.follow_up import follow_up as dispatch_follow_up
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from hub.worker.handlers import handling
from hub.worker.inbox import handle_next
from tests.integration.hub.dispatch.conftest import District
from tests.waiting import until
from wire.messages import Ack, AckState, CommandType
from wire.messages.commands import TextBody

NOBODYS = UUID("11111111-2222-4333-8444-555555555555")


async def locate(district: District, device_id: str) -> CommandView:
    await district.terminal(device_id)
    command = await district.issue(NewCommand(device_id, CommandType.LOCATE))
    await district.broker_takes()
    return command


async def put_ack(
    district: District, device_id: str, command_id: UUID | str, state: AckState
) -> None:
    ack = {"command_id": str(command_id), "state": state, "rev": 1, "at": district.now.isoformat()}
    await district.db.execute(
        "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
        " VALUES ('terminals', %s, 'acks', %s, %s, %s)",
        (device_id, str(command_id), Jsonb(ack), district.now),
    )


async def work_off(pool: Pool, district: District) -> int:
    """How many transactions it took."""
    await district.db.commit()
    taken = 0
    worker = handling()
    while await handle_next(pool, worker, lambda: district.now):
        taken += 1
    return taken


async def test_answers_of_several_devices_count_in_one_transaction(
    district: District, pool: Pool
) -> None:
    commands = [await locate(district, f"T-{number}") for number in range(1, 4)]
    for command in commands:
        await put_ack(district, command.device_id, command.command_id, AckState.SUCCEEDED)

    assert await work_off(pool, district) == 1

    for command in commands:
        view = await command_by_id(district.db, command.command_id)
        assert view.state is CommandState.SUCCEEDED
        assert [line.state for line in view.history][-1] is CommandState.SUCCEEDED
    cursor = await district.db.execute(
        "SELECT count(DISTINCT xmin::text) FROM journal WHERE kind = 'command_succeeded'"
    )
    assert await cursor.fetchall() == [(1,)]


async def test_an_answer_that_is_refused_is_put_aside_alone(district: District, pool: Pool) -> None:
    own = await locate(district, "T-1")
    await locate(district, "T-2")
    await district.terminal("T-3")
    await put_ack(district, "T-1", own.command_id, AckState.SUCCEEDED)
    await put_ack(district, "T-2", own.command_id, AckState.FAILED)
    await put_ack(district, "T-3", NOBODYS, AckState.SUCCEEDED)

    assert await work_off(pool, district) == 1

    assert (await command_by_id(district.db, own.command_id)).state is CommandState.SUCCEEDED
    cursor = await district.db.execute(
        "SELECT device_id, state, error FROM inbox ORDER BY inbox_id"
    )
    rows = await cursor.fetchall()
    assert [row[:2] for row in rows] == [("T-1", "done"), ("T-2", "done"), ("T-3", "done")]
    assert f"command {own.command_id} is not for T-2" in rows[1][2]
    assert f"there is no command {NOBODYS}" in rows[2][2]
    cursor = await district.db.execute(
        "SELECT d.device_id, outcome, m.reason, topic, convert_from(payload, 'UTF8')::jsonb ->> 'state'"
        " FROM dead_letter_message m JOIN dead_letter d USING (dead_letter_id) ORDER BY d.device_id"
    )
    branch = "patrol/v1/530303/terminals"
    assert await cursor.fetchall() == [
        (
            "T-2",
            "unusable",
            f"command {own.command_id} is not for T-2",
            f"{branch}/T-2/acks/{own.command_id}",
            "failed",
        ),
        (
            "T-3",
            "unusable",
            f"there is no command {NOBODYS}",
            f"{branch}/T-3/acks/{NOBODYS}",
            "succeeded",
        ),
    ]


async def test_a_number_that_stood_for_another_answer_is_kept_as_one_that_does_not_count(
    district: District, pool: Pool
) -> None:
    command = await locate(district, "T-1")
    for state in (AckState.DELIVERED, AckState.SUCCEEDED, AckState.DELIVERED):
        await put_ack(district, "T-1", command.command_id, state)
    await work_off(pool, district)
    view = await command_by_id(district.db, command.command_id)
    assert view.state is CommandState.DELIVERED
    uncounted = [(line.state, line.reason) for line in view.history if not line.counted]
    assert uncounted == [(CommandState.SUCCEEDED, "answer number 1 was another one before")]


async def test_answers_of_one_device_count_in_their_order(district: District, pool: Pool) -> None:
    command = await locate(district, "T-1")
    for rev, state in enumerate((AckState.DELIVERED, AckState.SUCCEEDED), 1):
        ack = {"command_id": str(command.command_id), "state": state, "rev": rev}
        await district.db.execute(
            "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
            " VALUES ('terminals', 'T-1', 'acks', %s, %s, %s)",
            (
                f"{command.command_id}-{rev}",
                Jsonb(ack | {"at": district.now.isoformat()}),
                district.now,
            ),
        )

    await work_off(pool, district)

    view = await command_by_id(district.db, command.command_id)
    counted = [line.state for line in view.history if line.rev]
    assert counted == [CommandState.DELIVERED, CommandState.SUCCEEDED]


async def test_a_message_that_was_read_is_done_with_both_steps_in_its_history(
    district: District,
) -> None:
    await district.terminal("T-1")
    new = NewCommand("T-1", CommandType.MESSAGE, TextBody(text="请回电"))
    command = await district.issue(new)
    await district.broker_takes()

    read = await district.ack(command, AckState.ACCEPTED, 1)

    assert [line.state for line in read.history][-2:] == [
        CommandState.ACCEPTED,
        CommandState.SUCCEEDED,
    ]


async def test_crowds_that_relieve_each_others_guards_do_not_wait_in_a_circle(
    district: District, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowds: tuple[list[CommandView], list[CommandView]] = ([], [])
    for number in range(2):
        case_id = await district.case()
        for type_, crowd in (
            (CommandType.DISPATCH, crowds[number]),
            (CommandType.GUARD, crowds[1 - number]),
        ):
            device_id = await district.terminal(f"T-{number}-{type_}")
            crowd.append(await district.issue(NewCommand(device_id, type_, case_id=case_id)))
    await district.broker_takes()
    await district.db.commit()
    at_follow_up: set[str] = set()

    async def follow_up(work: UnitOfWork, moved: CommandRow) -> None:
        at_follow_up.add(work.actor)
        await until(partial(both_have_come, district, at_follow_up))
        await dispatch_follow_up(work, moved)

    monkeypatch.setattr(dispatch, "follow_up", follow_up)

    await asyncio.gather(*(answer(pool, district, crowd) for crowd in crowds))

    for command in (*crowds[0], *crowds[1]):
        view = await command_by_id(district.db, command.command_id)
        assert view.state in FINAL


async def answer(pool: Pool, district: District, commands: list[CommandView]) -> None:
    """Tasks are done, and guards begin, in one transaction of an actor of its own."""
    states = {CommandType.DISPATCH: AckState.SUCCEEDED, CommandType.GUARD: AckState.IN_PROGRESS}
    facts = {"rev": 1, "at": district.now}
    acks = [
        Ack.model_validate({"command_id": str(each.command_id), "state": states[each.type]} | facts)
        for each in commands
    ]
    devices = [each.device_id for each in commands]
    async with unit_of_work(pool, f"test:{devices}", district.now) as work:
        new = [NewAck(*each, district.now) for each in zip(devices, acks, strict=True)]
        await dispatch.take_acks(work, new)


async def both_have_come(district: District, at_follow_up: set[str]) -> bool:
    """Whether both transactions follow up, or one of them waits for the other."""
    cursor = await district.db.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    (waiting,) = await cursor.fetchall()
    return len(at_follow_up) == 2 or waiting[0] > 0
