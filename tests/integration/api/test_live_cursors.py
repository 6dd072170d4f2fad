"""The cursors of the event stream, and how it is compressed, over a real server."""

import pytest

import hub.live.feed
from hub.db import Pool
from tests.integration.api.live_line import write


async def test_a_cursor_ahead_of_the_journal_resumes_nothing_and_hears_what_follows(
    open_line, dispatcher, pool: Pool
) -> None:
    before = await write(pool, "1")
    line = await open_line(dispatcher, headers={"Last-Event-ID": str(before[0] + 1000)})
    assert await line.next() == ("hello", {"journal_id": before[0]})
    later = await write(pool, "2")
    assert (await line.next("journal"))[1]["journal_id"] == later[0]


async def restore_the_journal_of_before(pool: Pool, first: int, *subject_ids: str) -> list[int]:
    """Entries from `first` on are gone, and others are written under the same ids."""
    async with pool.connection() as db:
        await db.execute("SET LOCAL session_replication_role = 'replica'")
        await db.execute("DELETE FROM journal WHERE journal_id >= %s", (first,))
        await db.execute(
            "SELECT setval(pg_get_serial_sequence('journal', 'journal_id'), %s, false)", (first,)
        )
    return await write(pool, *subject_ids)


async def test_a_cursor_of_a_journal_that_a_backup_replaced_resumes_nothing(
    open_line, dispatcher, pool: Pool
) -> None:
    line = await open_line(dispatcher)
    await line.next("hello")
    lost = await write(pool, "1", "2")
    await line.next("journal")
    await line.next("journal")
    cursor = line.cursor
    await line.response.aclose()
    others = await restore_the_journal_of_before(pool, lost[0], "7", "8", "9")
    assert others[:2] == lost
    again = await open_line(dispatcher, headers={"Last-Event-ID": cursor})
    assert (await again.next())[0] == "hello"


async def test_a_running_feed_notices_that_the_journal_was_replaced(
    monkeypatch, open_line, dispatcher, pool: Pool
) -> None:
    monkeypatch.setattr(hub.live.feed, "POLL_S", 0.05)
    line = await open_line(dispatcher)
    await line.next("hello")
    lost = await write(pool, "1", "2", "3")
    for _ in lost:
        await line.next("journal")
    restored = await restore_the_journal_of_before(pool, lost[0], "7")
    assert await line.ends()
    again = await open_line(dispatcher, headers={"Last-Event-ID": line.cursor})
    assert await again.next() == ("hello", {"journal_id": restored[0]})


@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "identity"])
async def test_a_line_is_compressed_for_those_who_can_read_it_and_each_event_comes_at_once(
    open_line, dispatcher, pool: Pool, accepted: str
) -> None:
    line = await open_line(dispatcher, headers={"accept-encoding": accepted})
    encoding = line.response.headers.get("content-encoding", "identity")
    assert encoding in accepted
    assert (encoding == "gzip") == (accepted != "identity")
    await line.next("hello")
    for number in "1", "2", "3":
        written = await write(pool, number)
        assert (await line.next("journal"))[1]["journal_id"] == written[0]


@pytest.mark.parametrize("cursor", ["-1", "x", "9" * 30, "7-", "7-nothexadecim"])
async def test_a_cursor_that_is_no_journal_id_is_refused(dispatcher, cursor: str) -> None:
    answer = await dispatcher.get("/api/events", headers={"Last-Event-ID": cursor})
    assert answer.status_code == 422
