"""The whole way over HTTP: ask, publish by WHIP, watch by WHEP, end."""

from uuid import uuid4

from hub.accounts.account import Role
from hub.video.relay import SdpAnswer
from tests.integration.api.video.broadcast import SDP


async def test_an_operator_asks_watches_and_ends_and_all_of_it_is_in_the_journal(
    broadcast, studio
) -> None:
    assert (await broadcast.look())["state"] == "requested"
    terminal, _ = await studio.publish(broadcast.publish)
    person, _ = await studio.watch(broadcast.view)
    await person.sees()

    async def is_live() -> bool:
        session = await broadcast.look()
        return (session["state"], session["viewers"]) == ("live", 1)

    await studio.until(is_live)
    ended = await broadcast.operator.delete(f"/api/video/sessions/{broadcast.session_id}")
    assert (ended.json()["state"], ended.json()["viewers"]) == ("ended", 0)
    await studio.until(lambda: person.hung_up)
    await studio.until(lambda: terminal.connectionState == "closed")
    assert sorted(await broadcast.kinds()) == [
        "video_ended",
        "video_live",
        "video_requested",
        "view_ended",
        "view_started",
    ]
    found = (await broadcast.operator.get("/api/video/sessions")).json()["items"]
    assert [each["ended_reason"] for each in found] == ["operator"]


async def test_a_viewer_who_hangs_up_is_no_longer_counted(broadcast, studio) -> None:
    await studio.publish(broadcast.publish)
    permission = await broadcast.permission()
    headers = {"Authorization": f"Bearer {permission['token']}"}

    async def join(offer: str) -> SdpAnswer:
        answer = await broadcast.anonymous.post(
            permission["whep_url"], content=offer, headers=SDP | headers
        )
        broadcast.locations.append(answer.headers["location"])
        return SdpAnswer(uuid4(), answer.text)

    person, _ = await studio.watch(join)
    await person.sees()
    assert (await broadcast.look())["viewers"] == 1
    broadcast.clock.forward(minutes=5)
    location = broadcast.locations[-1]
    assert (await broadcast.anonymous.delete(location, headers=headers)).status_code == 200
    await studio.until(lambda: person.hung_up)

    async def nobody_is_counted() -> bool:
        return (await broadcast.look())["viewers"] == 0

    await studio.until(nobody_is_counted)


async def test_a_token_lets_one_viewer_in_once(broadcast, studio) -> None:
    await studio.publish(broadcast.publish)
    permission = await broadcast.permission()

    async def join(offer: str) -> SdpAnswer:
        return await broadcast.join(permission["whep_url"], permission["token"], offer)

    person, _ = await studio.watch(join)
    await person.sees()
    again = await broadcast.anonymous.post(
        permission["whep_url"],
        content="v=0\r\n",
        headers=SDP | {"Authorization": f"Bearer {permission['token']}"},
    )
    assert again.status_code == 401
    assert "used" in again.json()["detail"]
    assert (await broadcast.look())["viewers"] == 1


async def test_a_log_out_ends_what_is_watched_and_the_tokens_that_wait(broadcast, studio) -> None:
    await studio.publish(broadcast.publish)
    person, _ = await studio.watch(broadcast.view)
    await person.sees()
    waiting = await broadcast.permission()
    assert (await broadcast.operator.delete("/api/session")).is_success
    await studio.until(lambda: person.hung_up)
    answer = await broadcast.anonymous.post(
        waiting["whep_url"],
        content="v=0\r\n",
        headers=SDP | {"Authorization": f"Bearer {waiting['token']}"},
    )
    assert answer.status_code == 401

    async def is_told() -> bool:
        return (await broadcast.kinds())[-1] == "view_ended"

    await studio.until(is_told)


async def test_a_terminal_that_hangs_up_ends_the_session(broadcast, studio) -> None:
    terminal, _ = await studio.publish(broadcast.publish)
    await studio.until(lambda: terminal.connectionState == "connected")
    token = {"Authorization": f"Bearer {broadcast.publish_token}"}
    assert (await broadcast.anonymous.delete(broadcast.locations[0], headers=token)).is_success
    await studio.until(lambda: terminal.connectionState == "closed")
    assert (await broadcast.look())["ended_reason"] == "terminal"


async def test_a_publisher_that_was_replaced_ends_nothing_by_hanging_up(broadcast, studio) -> None:
    await studio.publish(broadcast.publish)
    await studio.publish(broadcast.publish)
    token = {"Authorization": f"Bearer {broadcast.publish_token}"}
    await broadcast.anonymous.delete(broadcast.locations[0], headers=token)
    assert (await broadcast.look())["ended_reason"] is None


async def test_the_publisher_of_an_earlier_order_ends_nothing_by_hanging_up(
    broadcast, studio
) -> None:
    await studio.publish(broadcast.publish)
    path = f"/api/video/sessions/{broadcast.session_id}/renew"
    assert (await broadcast.operator.post(path, json={"max_s": 900})).is_success
    token = {"Authorization": f"Bearer {broadcast.publish_token}"}
    assert (await broadcast.anonymous.delete(broadcast.locations[0], headers=token)).is_success
    assert (await broadcast.look())["ended_reason"] is None


async def test_without_a_good_token_nobody_publishes_or_watches(broadcast) -> None:
    permission = await broadcast.permission()
    whep, whip = permission["whep_url"], broadcast.whip_path
    other = str(uuid4())

    async def status(path: str, token: str | None, content_type: str = "application/sdp") -> int:
        headers = {"Content-Type": content_type}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = await broadcast.anonymous.post(path, content="v=0\r\n", headers=headers)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code

    view_token, publish_token = permission["token"], broadcast.publish_token
    assert await status(whep, None) == 401
    assert await status(whep, "forged") == 401
    assert await status(whep, publish_token) == 403
    assert await status(whip, view_token) == 403
    assert await status(whep.replace(broadcast.session_id, other), view_token) == 403
    assert await status(whep, view_token, "text/plain") == 415
    assert await status(whep, view_token) == 422
    broadcast.clock.forward(seconds=61)
    assert await status(whep, view_token) == 401
    assert await status(whip, publish_token) == 401
    await broadcast.operator.delete(f"/api/video/sessions/{broadcast.session_id}")
    assert await status(whip, publish_token) == 404
    assert (await broadcast.look())["viewers"] == 0


async def test_it_can_be_lengthened_over_http(broadcast) -> None:
    path = f"/api/video/sessions/{broadcast.session_id}"
    before = await broadcast.look()
    broadcast.clock.forward(seconds=5)
    after = await broadcast.operator.post(f"{path}/renew", json={"max_s": 1800})
    assert after.status_code == 200, after.text
    assert after.json()["ends_at"] > before["ends_at"]
    too_long = await broadcast.operator.post(f"{path}/renew", json={"max_s": 1801})
    assert too_long.status_code == 422


async def test_only_operators_see_video(broadcast, sign_in) -> None:
    handler = await sign_in(Role.UNIT_HANDLER)
    path = f"/api/video/sessions/{broadcast.session_id}"
    for answer in (
        await handler.get(path),
        await handler.get("/api/video/sessions"),
        await handler.post(f"{path}/view"),
        await handler.post("/api/video/sessions", json={"device_id": "T-1", "reason": "x"}),
        await handler.delete(path),
    ):
        assert answer.status_code == 403
