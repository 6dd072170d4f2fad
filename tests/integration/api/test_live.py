"""The event stream, over a real server."""

import asyncio
from datetime import timedelta
from itertools import chain
from uuid import uuid4

import httpx
import pytest

import hub.live.api
import hub.live.feed
from hub.accounts import Role
from hub.db import Pool
from hub.journal import Subject
from hub.web.server import ApiServer
from tests.districts import add_device
from tests.integration.api.live_line import write
from tests.waiting import until


async def test_a_new_entry_arrives_by_notification(
    monkeypatch, open_line, dispatcher, server: ApiServer, pool: Pool
) -> None:
    monkeypatch.setattr(hub.live.feed, "POLL_S", 3600.0)
    before = await write(pool, "1")
    feed = server.config.app.state.feed
    await until(lambda: feed._cursor.journal_id == before[0])
    line = await open_line(dispatcher)
    assert await line.next() == ("hello", {"journal_id": before[0]})
    written = await write(pool, "1")
    _, event = await line.next("journal")
    assert event["journal_id"] == written[0]
    assert (event["subject"], event["subject_id"], event["kind"]) == ("case", "1", "noted")


async def test_polling_finds_what_no_notification_told(
    monkeypatch, open_line, dispatcher, pool: Pool
) -> None:
    async with pool.connection() as db:
        await db.execute("ALTER TABLE journal DISABLE TRIGGER journal_wakes")
    monkeypatch.setattr(hub.live.feed, "POLL_S", 0.05)
    line = await open_line(dispatcher)
    await line.next("hello")
    written = await write(pool, "1")
    assert (await line.next("journal"))[1]["journal_id"] == written[0]


@pytest.mark.parametrize("by", ["header", "query"])
async def test_a_line_resumes_where_it_stopped(open_line, dispatcher, pool: Pool, by: str) -> None:
    first = await write(pool, "1", "2", "3")
    cursor = str(first[0])
    options = (
        {"headers": {"Last-Event-ID": cursor}} if by == "header" else {"params": {"after": cursor}}
    )
    line = await open_line(dispatcher, **options)
    later = await write(pool, "4")
    seen = [(await line.next())[1]["journal_id"] for _ in range(3)]
    assert seen == [*first[1:], *later]


async def test_nothing_is_missed_or_doubled_while_entries_are_written(
    open_line, dispatcher, pool: Pool
) -> None:
    async def writer(number: int) -> list[int]:
        return await write(pool, *[str(number)] * 40)

    start = await write(pool, "start")
    writers = asyncio.gather(*(writer(number) for number in range(3)))
    seen: list[int] = []
    cursor = start[0]
    while len(seen) < 120:
        line = await open_line(dispatcher, params={"after": cursor})
        seen += [(await line.next("journal"))[1]["journal_id"] for _ in range(30)]
        await line.response.aclose()
        cursor = seen[-1]
    assert seen == sorted(chain.from_iterable(await writers))


async def test_a_unit_handler_hears_of_the_own_cases_only(
    open_line, sign_in, bare_case, pool: Pool
) -> None:
    ours = str(await bare_case("housing_bureau"))
    assisted = str(
        await bare_case("sanitation", "C-2", assist_units=["housing_bureau"], dedup_key="2")
    )
    theirs = str(await bare_case("sanitation"))
    before = await write(pool, theirs, ours)
    handler = await sign_in(Role.UNIT_HANDLER)
    line = await open_line(handler, params={"after": before[0] - 1})
    assert (await line.next())[1]["subject_id"] == ours
    await write(pool, "T-0001", subject=Subject.DEVICE)
    await write(pool, theirs, assisted, theirs, ours)
    assert (await line.next())[1]["subject_id"] == assisted
    assert (await line.next())[1]["subject_id"] == ours


async def test_a_unit_that_returned_a_case_hears_of_it_no_more(
    open_line, sign_in, bare_case, pool: Pool
) -> None:
    returned = await bare_case(None, "C-2", state="FILED", returned_from="housing_bureau")
    ours = str(await bare_case("housing_bureau"))
    line = await open_line(await sign_in(Role.UNIT_HANDLER))
    await line.next("hello")
    await write(pool, str(returned), ours)
    assert (await line.next())[1]["subject_id"] == ours


async def test_a_unit_handler_hears_of_orders_signals_and_video_of_the_own_cases(
    open_line, sign_in, bare_case, pool: Pool
) -> None:
    ours, theirs = await bare_case("housing_bureau"), await bare_case("sanitation")
    line = await open_line(await sign_in(Role.UNIT_HANDLER))
    await line.next("hello")
    told: list[tuple[str, str]] = []
    for case_id in (theirs, ours):
        for subject, subject_id in (await belongings(pool, case_id)).items():
            await write(pool, subject_id, subject=subject)
            told.append((str(subject), subject_id))
    heard = [(await line.next())[1] for _ in range(3)]
    assert [(each["subject"], each["subject_id"]) for each in heard] == told[3:]


async def belongings(pool: Pool, case_id: int) -> dict[Subject, str]:
    """A command, a signal and a video session of a case, as rows; returns their ids."""
    command_id, session_id = str(uuid4()), str(uuid4())
    async with pool.connection() as db:
        await add_device(db, "T-0001")
        await db.execute(
            "INSERT INTO command (command_id, device_id, type, body, case_id, priority, state,"
            " issued_at, expires_at, issued_by)"
            " VALUES (%s, 'T-0001', 'guard', '{}', %s, 1, 'sent', now(), now() + '1 h', 'test')",
            (command_id, case_id),
        )
        await db.execute(
            "INSERT INTO video_session (session_id, device_id, case_id, reason, state, created_by,"
            " created_at, first_frame_by, ends_at)"
            " VALUES (%s, 'T-0001', %s, '', 'ended', 'test', now(), now(), now())",
            (session_id, case_id),
        )
        cursor = await db.execute(
            "INSERT INTO signal (source, identity, type, observed_at, received_at, state, case_id)"
            " VALUES ('app', %s, 'report', now(), now(), 'accepted', %s) RETURNING signal_id::text",
            (command_id, case_id),
        )
        row = await cursor.fetchone()
    assert row is not None
    return {Subject.COMMAND: command_id, Subject.SIGNAL: row[0], Subject.VIDEO: session_id}


async def put_position(pool: Pool, device_id: str, received_at, lon: float) -> None:
    async with pool.connection() as db:
        await add_device(db, device_id)
        await db.execute(
            "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
            " accuracy_m, battery) VALUES (%(id)s, %(at)s, %(at)s, %(at)s, %(lon)s, 25.6, 5, 80)"
            " ON CONFLICT (device_id) DO UPDATE SET received_at = excluded.received_at,"
            " lon = excluded.lon",
            {"id": device_id, "at": received_at, "lon": lon},
        )


async def test_positions_come_all_at_first_and_then_as_they_change(
    monkeypatch, open_line, dispatcher, pool: Pool, clock
) -> None:
    monkeypatch.setattr(hub.live.feed, "POSITIONS_EVERY_S", 0.05)
    await put_position(pool, "T-0001", clock(), 103.8)
    await put_position(pool, "T-0002", clock(), 103.9)
    line = await open_line(dispatcher)
    _, first = await line.next("positions")
    assert [item["device_id"] for item in first["items"]] == ["T-0001", "T-0002"]
    await put_position(pool, "T-0002", clock() + timedelta(seconds=1), 104.0)
    _, second = await line.next("positions")
    assert [(item["device_id"], item["lon"]) for item in second["items"]] == [("T-0002", 104.0)]
    late_comer = await open_line(dispatcher)
    _, third = await late_comer.next("positions")
    assert sorted(item["lon"] for item in third["items"]) == [103.8, 104.0]


async def test_a_unit_handler_gets_no_positions(
    monkeypatch, open_line, sign_in, bare_case, pool: Pool, clock
) -> None:
    monkeypatch.setattr(hub.live.feed, "POSITIONS_EVERY_S", 0.05)
    ours = str(await bare_case("housing_bureau"))
    await put_position(pool, "T-0001", clock(), 103.8)
    line = await open_line(await sign_in(Role.UNIT_HANDLER))
    watching = await open_line(await sign_in(Role.DISPATCHER))
    await watching.next("positions")
    await write(pool, ours)
    assert [(await line.next())[0] for _ in range(2)] == ["hello", "journal"]


async def test_a_line_pings_and_ends_with_its_session(
    monkeypatch, open_line, dispatcher, server: ApiServer, clock
) -> None:
    monkeypatch.setattr(hub.live.api, "PING_EVERY_S", 0.05)
    line = await open_line(dispatcher)
    assert (await line.next("ping"))[1] == {"at": "2025-08-07T07:19:00Z"}
    assert (await dispatcher.delete("/api/session")).status_code == 204
    assert await line.ends()


async def end_session(dispatcher: httpx.AsyncClient, pool: Pool) -> None:
    assert (await dispatcher.delete("/api/session")).status_code == 204


async def disable(dispatcher: httpx.AsyncClient, pool: Pool) -> None:
    async with pool.connection() as db:
        await db.execute("UPDATE account SET disabled = true")


@pytest.mark.parametrize("ended", [end_session, disable])
async def test_a_line_ends_within_a_second_of_its_session(
    open_line, dispatcher, pool: Pool, ended
) -> None:
    line = await open_line(dispatcher)
    other = await open_line(dispatcher)
    await line.next("hello")
    await ended(dispatcher, pool)
    began = asyncio.get_running_loop().time()
    assert await line.ends()
    assert await other.ends()
    took_s = asyncio.get_running_loop().time() - began
    assert took_s < 1.5


async def test_a_line_ends_when_its_session_expires(
    monkeypatch, open_line, dispatcher, clock
) -> None:
    monkeypatch.setattr(hub.live.api, "PING_EVERY_S", 0.05)
    line = await open_line(dispatcher)
    await line.next("ping")
    clock.forward(hours=12)
    assert await line.ends()


async def test_open_lines_end_when_the_server_stops(open_line, dispatcher, server) -> None:
    lines = [await open_line(dispatcher) for _ in range(3)]
    for line in lines:
        await line.next("hello")
    server.config.timeout_graceful_shutdown = 3600
    server.should_exit = True
    assert all([await line.ends() for line in lines])


async def test_a_reader_who_left_is_forgotten(open_line, dispatcher, server: ApiServer) -> None:
    line = await open_line(dispatcher)
    await line.next("hello")
    clients = server.config.app.state.feed._clients
    assert len(clients) == 1
    await line.response.aclose()
    await until(lambda: not clients)


async def end_listening(pool: Pool) -> set[tuple[bool]]:
    """End the connections of the server's feed and of that of the application the clients call."""

    async def ended() -> list[tuple[bool]]:
        async with pool.connection() as db:
            cursor = await db.execute(
                "WITH listening AS MATERIALIZED (SELECT pid FROM pg_stat_activity"
                " WHERE application_name = 'hub-api-live' AND datname = current_database()"
                " AND query = 'LISTEN journal' AND state = 'idle')"
                " SELECT pg_terminate_backend(pid) FROM listening"
                " WHERE (SELECT count(*) FROM listening) = 2"
            )
            return await cursor.fetchall()

    return set(await until(ended))


async def test_a_feed_outlives_its_own_database_connection(
    monkeypatch, open_line, dispatcher, pool: Pool
) -> None:
    monkeypatch.setattr(hub.live.feed, "RETRY_S", 0.05)
    monkeypatch.setattr(hub.live.feed, "POLL_S", 3600.0)
    line = await open_line(dispatcher)
    await line.next("hello")
    assert await end_listening(pool) == {(True,)}
    written = await write(pool, "1")
    assert (await line.next("journal"))[1]["journal_id"] == written[0]
