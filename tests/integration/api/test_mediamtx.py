"""Video through MediaMTX: who is let in, what the hub learns, and how it ends."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from hub.db import Pool
from hub.settings import Settings
from hub.video.mediamtx import MediaMtxRelay
from tests.integration.api.mediamtx_double import MediaMtxDouble, Peer
from tests.waiting import until

HOOK = "/video/mediamtx/auth"


@pytest.fixture
def double() -> MediaMtxDouble:
    return MediaMtxDouble()


@pytest.fixture
async def mediamtx(double: MediaMtxDouble) -> AsyncIterator[str]:
    """The double's base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(double.app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture
def settings(database_url: str, tmp_path: Path, mediamtx: str) -> Settings:
    return Settings(
        database_url=database_url,
        district="530303",
        evidence_url=f"file://{tmp_path}",
        mqtt_password="unused",
        mediamtx_url=mediamtx,
        mediamtx_api_url=mediamtx,
    )


@dataclass
class Scene:
    """A session that was asked for, the people around it, and the terminal's order."""

    dispatcher: httpx.AsyncClient
    double: MediaMtxDouble
    session_id: str
    whip_url: str
    token: str

    async def session(self) -> dict[str, object]:
        answer = await self.dispatcher.get(f"/api/video/sessions/{self.session_id}")
        return dict(answer.json())

    async def is_(self, **facts: object) -> None:
        """Return once the session is as told."""

        async def as_told() -> bool:
            session = await self.session()
            return all(session[name] == value for name, value in facts.items())

        await until(as_told)

    async def publish(self) -> Peer:
        answer = await knock(self.whip_url, self.token)
        assert answer.status_code == 201, answer.status_code
        self.double.send(self.session_id)
        return self.double.peers[UUID(answer.headers["ID"])]

    async def permission(self) -> dict[str, str]:
        answer = await self.dispatcher.post(f"/api/video/sessions/{self.session_id}/view")
        return dict(answer.json())

    async def watch(self) -> Peer:
        view = await self.permission()
        answer = await knock(view["whep_url"], view["token"])
        assert answer.status_code == 201, answer.status_code
        return self.double.peers[UUID(answer.headers["ID"])]


async def knock(url: str, token: str) -> httpx.Response:
    """An offer, with the token as bearer where there is one."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(url, content="v=0", headers=headers)


@pytest.fixture
async def scene(
    app: FastAPI, connect, dispatcher, street: None, pool: Pool, clock, double: MediaMtxDouble
) -> Scene:
    double.hook = await connect()
    async with pool.connection() as db:
        await db.execute(
            "UPDATE device SET capabilities_reported = '{video}', link = 'online', presence = 'online',"
            " status_at = %(now)s, last_uplink_at = %(now)s WHERE device_id = 'T-0001'",
            {"now": clock()},
        )
    wanted = {"device_id": "T-0001", "reason": "look at the cover"}
    session = (await dispatcher.post("/api/video/sessions", json=wanted)).json()
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT payload FROM outbox WHERE correlation = %s", (session["command_id"],)
        )
        row = await cursor.fetchone()
    assert row is not None
    body = json.loads(row[0])["body"]
    return Scene(dispatcher, double, session["session_id"], body["whip_url"], body["token"])


async def test_terminal_and_viewer_are_sent_to_mediamtx(scene: Scene, mediamtx: str):
    assert scene.whip_url == f"{mediamtx}/{scene.session_id}/whip"
    assert (await scene.permission())["whep_url"] == f"{mediamtx}/{scene.session_id}/whep"


async def test_a_picture_makes_the_session_live_and_its_viewers_are_counted(
    scene: Scene, dispatcher
):
    await scene.publish()
    await scene.is_(state="live", viewers=0)
    first, _second = await scene.watch(), await scene.watch()
    await scene.is_(viewers=2)
    scene.double.leave(first.id)
    await scene.is_(viewers=1)


async def test_a_publisher_without_a_picture_does_not_make_the_session_live(scene: Scene):
    await knock(scene.whip_url, scene.token)
    relay = scene.dispatcher._transport.app.state.relay
    (report,) = await relay.report()
    assert (str(report.session_id), report.silent_s) == (scene.session_id, None)
    assert (await scene.session())["state"] == "requested"


async def test_ending_a_session_kicks_terminal_and_viewers(scene: Scene):
    await scene.publish()
    await scene.watch()
    await scene.is_(state="live")
    await scene.dispatcher.delete(f"/api/video/sessions/{scene.session_id}")

    async def empty() -> bool:
        return not scene.double.peers

    await until(empty)
    await scene.is_(state="ended", viewers=0)
    assert (await knock(scene.whip_url, scene.token)).status_code == 401


async def test_every_view_is_in_the_journal_with_its_person(scene: Scene, pool: Pool):
    await scene.publish()
    viewer = await scene.watch()
    scene.double.leave(viewer.id)
    await scene.is_(viewers=0)
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT kind, actor FROM journal WHERE data->>'view_id' = %s ORDER BY journal_id",
            (str(viewer.id),),
        )
        rows = await cursor.fetchall()
    person = "user:dispatcher-housing-bureau"
    assert rows == [("view_started", person), ("view_ended", person)]


async def test_tokens_of_another_direction_session_or_nobody_are_refused(scene: Scene):
    whep_url = scene.whip_url.replace("/whip", "/whep")
    view = await scene.permission()
    await scene.publish()
    for url, token in (
        (whep_url, scene.token),
        (scene.whip_url, view["token"]),
        (view["whep_url"].replace(scene.session_id, str(uuid4())), view["token"]),
        (view["whep_url"].replace(scene.session_id, scene.session_id.upper()), view["token"]),
        (view["whep_url"], "forged"),
        (view["whep_url"], ""),
    ):
        assert (await knock(url, token)).status_code == 401, (url, token)
    assert [peer.state for peer in scene.double.peers.values()] == ["publish"]
    assert (await scene.session())["viewers"] == 0


async def test_an_expired_token_lets_nobody_in(scene: Scene, clock):
    await scene.publish()
    view = await scene.permission()
    clock.forward(seconds=61)
    assert (await knock(view["whep_url"], view["token"])).status_code == 401


async def test_a_token_lets_one_viewer_in_once(scene: Scene):
    await scene.publish()
    view = await scene.permission()
    assert (await knock(view["whep_url"], view["token"])).status_code == 201
    assert (await knock(view["whep_url"], view["token"])).status_code == 401
    await scene.is_(viewers=1)


async def test_a_log_out_kicks_whoever_watches(scene: Scene, pool: Pool):
    await scene.publish()
    viewer = await scene.watch()
    waiting = await scene.permission()
    assert (await scene.dispatcher.delete("/api/session")).is_success
    await until(lambda: viewer.id not in scene.double.peers)
    assert (await knock(waiting["whep_url"], waiting["token"])).status_code == 401
    assert [peer.state for peer in scene.double.peers.values()] == ["publish"]


@pytest.mark.parametrize(
    "facts",
    [{"action": "api"}, {"action": "playback"}, {"action": "read", "protocol": "rtsp"}],
)
async def test_only_webrtc_sessions_are_allowed(scene: Scene, anonymous, facts):
    view = await scene.permission()
    question = {"path": scene.session_id, "protocol": "webrtc", "token": view["token"]} | facts
    assert (await anonymous.post(HOOK, json=question)).status_code == 403


async def test_a_question_before_the_offer_counts_no_viewer(scene: Scene, anonymous):
    view = await scene.permission()
    question = {"action": "read", "path": scene.session_id, "protocol": "webrtc", "id": None}
    answer = await anonymous.post(HOOK, json=question | {"token": view["token"]})
    assert answer.status_code == 204
    assert (await scene.session())["viewers"] == 0


async def test_a_viewer_who_was_let_in_and_never_came_is_not_counted_for_long(scene: Scene):
    view = await scene.permission()
    assert (await knock(view["whep_url"], view["token"])).status_code == 404
    await scene.is_(viewers=0)


async def test_offers_to_the_hub_itself_are_sent_away(scene: Scene, connect):
    terminal = await connect(
        Authorization=f"Bearer {scene.token}", **{"Content-Type": "application/sdp"}
    )
    answer = await terminal.post(f"/video/whip/{scene.session_id}", content="v=0")
    assert answer.status_code == 404
    assert "MediaMTX" in answer.json()["detail"]


async def test_the_console_may_reach_mediamtx(anonymous, mediamtx: str):
    policy = (await anonymous.get("/api/health")).headers["Content-Security-Policy"]
    assert f"connect-src 'self' {mediamtx};" in policy


@pytest.fixture
async def relay(mediamtx: str) -> AsyncIterator[MediaMtxRelay]:
    made = MediaMtxRelay(mediamtx)
    yield made
    await made.close()


async def test_silence_is_counted_from_the_last_packet(mediamtx: str, double: MediaMtxDouble):
    now_s = 100.0
    relay = MediaMtxRelay(mediamtx, lambda: now_s)
    session_id = uuid4()
    publisher = Peer(str(session_id), "publish")
    double.peers[publisher.id] = publisher
    silences = []
    for packets, at_s in ((0, 100.0), (5, 101.0), (5, 104.0), (9, 105.0), (9, 125.0)):
        publisher.packets, now_s = packets, at_s
        silences += [report.silent_s for report in await relay.report()]
    await relay.close()
    assert silences == [None, 0.0, 3.0, 0.0, 20.0]


async def test_all_pages_are_read_and_foreign_paths_left_alone(
    relay: MediaMtxRelay, double: MediaMtxDouble
):
    sessions = [uuid4() for _ in range(3)]
    for path in (*map(str, sessions), "street-camera", str(uuid4()).upper()):
        peer = Peer(path, "publish")
        double.peers[peer.id] = peer
    double.page_size = 2
    assert {report.session_id for report in await relay.report()} == set(sessions)
    await relay.close_session(sessions[0])
    assert {report.session_id for report in await relay.report()} == set(sessions[1:])


async def test_one_peer_can_be_let_go_of(relay: MediaMtxRelay, double: MediaMtxDouble):
    session_id = uuid4()
    publisher, viewer = Peer(str(session_id), "publish"), Peer(str(session_id), "read")
    double.peers |= {publisher.id: publisher, viewer.id: viewer}
    assert not await relay.close_resource(uuid4(), viewer.id)
    assert await relay.close_resource(session_id, viewer.id)
    assert not await relay.close_resource(session_id, viewer.id)
    assert list(double.peers) == [publisher.id]


async def test_while_mediamtx_is_away_nothing_is_said_of_anybody(double: MediaMtxDouble):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    relay = MediaMtxRelay(f"http://127.0.0.1:{port}")
    relay.admit(uuid4())
    assert await relay.report() == []
    assert relay.take_ended_views() == []
    await relay.close_session(uuid4())
    await relay.close()
