from datetime import timedelta
from uuid import uuid4

import pytest

from hub.commands.reading import command_by_id
from hub.errors import (
    Conflict,
    Forbidden,
    GuardRefused,
    InvalidInput,
    NotFound,
    Unauthenticated,
)
from hub.journal import Subject
from hub.video import commands as video
from hub.video.session import EndedBy, MediaDirection, SessionState
from tests.integration.hub.video.filming import ADDRESSES, OPERATOR
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType


async def test_a_request_orders_the_terminal_to_publish_with_a_token_of_its_own(filming) -> None:
    case_id = await filming.district.case()
    session = await filming.request(case_id=case_id, reason=None, max_s=300)
    order = await filming.receive()
    assert session.state == SessionState.REQUESTED
    assert session.ends_at == filming.district.now + timedelta(seconds=300)
    assert order.case_id == session.case_id == case_id
    assert order.body.session_id == str(session.session_id)
    assert order.body.whip_url == f"http://hub:8080/video/whip/{session.session_id}"
    assert order.body.max_s == 300
    assert (await filming.check()).session_id == session.session_id


async def test_no_token_is_kept_anywhere_but_in_the_order_itself(filming) -> None:
    await filming.request()
    await filming.receive()
    db = filming.district.db
    for query in (
        "SELECT body::text FROM command",
        "SELECT data::text FROM journal",
        "SELECT token_hash FROM video_grant",
    ):
        rows = await (await db.execute(query)).fetchall()
        assert rows
        assert not any(filming.token in row[0] for row in rows)


async def test_the_first_picture_makes_it_live_and_its_life_is_in_the_journal(filming) -> None:
    await filming.go_live()
    assert (await filming.look()).state == SessionState.LIVE
    await filming.end()
    session = await filming.look()
    assert (session.state, session.ended_reason) == (SessionState.ENDED, EndedBy.OPERATOR)
    assert await filming.kinds() == ["video_requested", "video_live", "video_ended"]
    (stop,) = await filming.district.broker_takes()
    assert stop.type == CommandType.VIDEO_STOP
    assert stop.body.session_id == str(filming.session_id)


@pytest.mark.parametrize(
    ("device_id", "case_id", "reason", "max_s", "error"),
    [
        ("T-1", None, None, None, InvalidInput),
        ("T-1", None, "看看", 1801, InvalidInput),
        ("T-1", None, "看看", 0, InvalidInput),
        ("T-9", None, "看看", None, NotFound),
        ("T-1", 99, None, None, NotFound),
        ("T-blind", None, "看看", None, GuardRefused),
        ("T-off", None, "看看", None, GuardRefused),
    ],
)
async def test_what_cannot_be_asked_for(filming, device_id, case_id, reason, max_s, error) -> None:
    await filming.district.terminal("T-blind", capabilities=("photo",))
    await filming.district.terminal("T-off")
    await filming.district.silent("T-off")
    with pytest.raises(error):
        await filming.request(device_id, case_id, reason, max_s)


async def test_a_terminal_shows_one_video_at_a_time(filming) -> None:
    await filming.request()
    with pytest.raises(Conflict, match="showing video already"):
        await filming.request()


async def test_it_can_be_lengthened_and_the_terminal_gets_a_new_order(filming) -> None:
    await filming.go_live()
    first, old_token = await filming.order(), filming.token
    filming.district.forward(seconds=500)
    await filming.district.heard("T-1")
    await filming.frame()
    session = await carry_out(
        filming.district.db,
        filming.district.now,
        video.renew_session,
        filming.session_id,
        900,
        ADDRESSES,
        by=OPERATOR,
    )
    assert session.ends_at == filming.district.now + timedelta(seconds=900)
    assert session.state == SessionState.LIVE
    await filming.receive()
    assert (await command_by_id(filming.district.db, first.command_id)).state == "superseded"
    await filming.check()
    with pytest.raises(Unauthenticated):
        await filming.check(token=old_token)
    await filming.district.ack(first, AckState.SUCCEEDED, 4)
    await filming.frame()
    assert await filming.run(seconds=1) == 0


async def test_a_token_begins_within_a_minute_or_not_at_all(filming) -> None:
    await filming.request()
    await filming.receive()
    filming.district.forward(seconds=60)
    with pytest.raises(Unauthenticated, match="expired"):
        await filming.check()


async def test_a_terminal_that_lost_its_line_comes_back_with_the_same_token(filming) -> None:
    await filming.go_live()
    filming.district.forward(seconds=300)
    await filming.check()


async def test_a_token_ends_with_its_session_and_with_its_time(filming) -> None:
    await filming.go_live()
    filming.district.now = (await filming.look()).ends_at
    with pytest.raises(NotFound, match="over"):
        await filming.check()


async def test_a_token_is_good_for_one_session_and_one_direction(filming) -> None:
    await filming.go_live()
    grant = await filming.permission()
    assert grant.whep_url == f"/video/whep/{filming.session_id}"
    granted = await filming.check(MediaDirection.VIEW, grant.token)
    assert granted.viewer is not None
    assert granted.viewer.username == "operator"
    with pytest.raises(Forbidden):
        await filming.check(MediaDirection.PUBLISH, grant.token)
    with pytest.raises(Forbidden):
        await filming.check(MediaDirection.VIEW, filming.token)
    with pytest.raises(Forbidden):
        await video.check_grant(
            filming.district.db, uuid4(), MediaDirection.VIEW, grant.token, filming.district.now
        )
    for forged in ("", "x", grant.token + "x", grant.token[:-1]):
        with pytest.raises(Unauthenticated):
            await filming.check(MediaDirection.VIEW, forged)
    filming.district.forward(seconds=61)
    with pytest.raises(Unauthenticated, match="expired"):
        await filming.check(MediaDirection.VIEW, grant.token)


async def test_a_token_opens_one_view_and_no_second(filming) -> None:
    await filming.go_live()
    db, now = filming.district.db, filming.district.now
    token = (await filming.permission()).token
    # Two offers at the same moment: both are looked at before one of them begins.
    first, second = [await filming.check(MediaDirection.VIEW, token) for _ in range(2)]
    await carry_out(db, now, video.begin_view, first, uuid4())
    with pytest.raises(Unauthenticated, match="used"):
        await carry_out(db, now, video.begin_view, second, uuid4())
    with pytest.raises(Unauthenticated, match="used"):
        await filming.check(MediaDirection.VIEW, token)
    assert (await filming.look()).viewers == 1


@pytest.mark.parametrize(
    "end",
    [
        "DELETE FROM account_session",
        "UPDATE account_session SET expires_at = now() - interval '30 years'",
        "UPDATE account SET disabled = true",
    ],
)
async def test_a_token_for_watching_dies_with_the_log_in_that_asked_for_it(filming, end) -> None:
    await filming.go_live()
    token = (await filming.permission()).token
    await filming.district.db.execute(end)
    with pytest.raises(Unauthenticated, match="logged out"):
        await filming.check(MediaDirection.VIEW, token)


async def test_viewers_are_counted_and_every_view_is_in_the_journal(filming) -> None:
    await filming.go_live()
    db, now = filming.district.db, filming.district.now
    views = [uuid4(), uuid4()]
    for view_id, who in zip(views, ["operator", "supervisor"], strict=True):
        token = (await filming.permission(who)).token
        granted = await filming.check(MediaDirection.VIEW, token)
        await carry_out(db, now, video.begin_view, granted, view_id)
    assert (await filming.look()).viewers == 2
    for _ in range(2):
        await carry_out(db, now, video.end_view, views[0])
    assert (await filming.look()).viewers == 1
    await carry_out(db, now, video.end_session, filming.session_id, None, by=OPERATOR)
    assert (await filming.look()).viewers == 0
    entries = await filming.district.story(Subject.VIDEO, filming.session_id)
    seen = [(e.kind, e.actor) for e in entries if e.kind.startswith("view_")]
    assert seen == [
        ("view_started", "user:operator"),
        ("view_started", "user:supervisor"),
        ("view_ended", "user:operator"),
        ("view_ended", "user:supervisor"),
    ]


async def test_nobody_is_let_in_to_what_is_over(filming) -> None:
    await filming.go_live()
    db, now = filming.district.db, filming.district.now
    await carry_out(db, now, video.end_session, filming.session_id, None, by=OPERATOR)
    with pytest.raises(GuardRefused, match="over"):
        await filming.permission()
