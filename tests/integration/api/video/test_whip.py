"""What WHIP clients ask over HTTP, and what they are answered (RFC 9725); WHEP is the same."""

from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender

from hub.settings import IceServer
from hub.video.whip import ice_links
from tests.integration.api.video.broadcast import SDP

BARE = {"OPTIONS": 200, "GET": 204, "HEAD": 204}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
NEW_CREDENTIALS = "a=ice-ufrag:newU\r\na=ice-pwd:newPassword0123456789xy\r\n"
NOWHERE = "a=candidate:1 1 udp 1 192.0.2.99 9 typ host\r\na=end-of-candidates\r\n"


@dataclass
class Published:
    """A terminal's connection at the relay, by what its client was answered."""

    http: httpx.AsyncClient
    token: dict[str, str]
    answer: httpx.Response

    @property
    def resource(self) -> str:
        return str(self.answer.headers["location"])

    async def patch(self, text: str, **headers: str) -> httpx.Response:
        named = {name.title().replace("_", "-"): value for name, value in headers.items()}
        return await self.http.patch(
            self.resource, content=text, headers=FRAGMENT | self.token | named
        )

    async def is_there(self) -> bool:
        return (await self.patch(NOWHERE, if_match="*")).status_code == 204


def bare(offer: str) -> str:
    """An offer before any candidate is known, as clients send it that do not wait for them."""
    lines = offer.splitlines(keepends=True)
    return "".join(
        each for each in lines if not each.startswith(("a=candidate", "a=end-of-candidates"))
    )


@pytest.fixture
async def published(broadcast, studio) -> Published:
    token = {"Authorization": f"Bearer {broadcast.publish_token}"}
    answers: list[httpx.Response] = []

    async def join(offer: str):
        answer = await broadcast.anonymous.post(
            broadcast.whip_path, content=bare(offer), headers=SDP | token
        )
        answers.append(answer)
        return broadcast.joined(answer)

    await studio.publish(join)
    return Published(broadcast.anonymous, token, answers[0])


async def test_an_endpoint_says_what_it_takes_to_anybody(broadcast) -> None:
    for path in (broadcast.whip_path, broadcast.whip_path.replace("whip", "whep")):
        for method, status in BARE.items():
            answer = await broadcast.anonymous.request(method, path, headers={"Origin": "null"})
            assert (answer.status_code, answer.content) == (status, b"")
            assert answer.headers["accept-post"] == "application/sdp"
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "POST" in answer.headers["access-control-allow-methods"]
            assert "If-Match" in answer.headers["access-control-allow-headers"]


async def test_a_connection_says_what_it_takes_to_anybody(published) -> None:
    for method, status in BARE.items():
        answer = await published.http.request(method, published.resource)
        assert (answer.status_code, answer.content) == (status, b"")
        assert answer.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
        assert "PATCH" in answer.headers["access-control-allow-methods"]


async def test_no_other_method_is_taken(broadcast) -> None:
    assert (await broadcast.anonymous.put(broadcast.whip_path)).status_code == 405


async def test_a_publication_is_created_with_its_address_and_tag(published, broadcast) -> None:
    answer = published.answer
    assert answer.status_code == 201
    assert answer.headers["location"].startswith(broadcast.whip_path + "/")
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
    assert "Location" in answer.headers["access-control-expose-headers"]
    assert "a=candidate" in answer.text
    assert "link" not in answer.headers


async def test_a_refusal_can_be_read_by_a_page_of_another_origin(broadcast) -> None:
    answer = await broadcast.anonymous.post(broadcast.whip_path, headers={"Origin": "http://a"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "*")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_ice_servers_are_links_of_their_own(
    app, broadcast, studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [
        IceServer(url="stun:stun.example.cn"),
        IceServer(url="turn:turn.example.cn?transport=udp", username="hub", credential="secret"),
    ]
    monkeypatch.setattr(app.state, "ice_links", ice_links(servers))
    await studio.publish(broadcast.publish)
    assert broadcast.answers[-1].headers.get_list("link") == [
        '<stun:stun.example.cn>; rel="ice-server"',
        (
            '<turn:turn.example.cn?transport=udp>; rel="ice-server"; username="hub"; '
            'credential="secret"; credential-type="password"'
        ),
    ]


async def test_a_browser_gets_the_ice_servers_with_its_permission(
    app, broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = IceServer(url="turn:turn.example.cn", username="hub", credential="secret")
    changed = app.state.settings.model_copy(update={"ice_servers": (server,)})
    monkeypatch.setattr(app.state, "settings", changed)
    assert (await broadcast.permission())["ice_servers"] == [
        {"urls": "turn:turn.example.cn", "username": "hub", "credential": "secret"}
    ]


async def test_candidates_that_come_later_are_taken_without_a_new_tag(published) -> None:
    for condition in (published.answer.headers["etag"], "*", '"*"'):
        answer = await published.patch(NOWHERE, if_match=condition)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "etag" not in answer.headers


@pytest.mark.parametrize("condition", ["*", '"*"', "tag"])
async def test_new_credentials_restart_ice_and_get_ours_with_a_new_tag(
    published, condition
) -> None:
    before = published.answer.headers["etag"]
    answer = await published.patch(
        NEW_CREDENTIALS, if_match=before if condition == "tag" else condition
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/trickle-ice-sdpfrag"
    assert answer.headers["etag"] != before
    assert "a=ice-ufrag:" in answer.text
    assert "a=candidate:" in answer.text
    assert answer.text.split("a=ice-pwd:")[1][:22] not in published.answer.text
    assert (await published.patch(NOWHERE, if_match=before)).status_code == 412
    assert (await published.patch(NOWHERE, if_match=answer.headers["etag"])).status_code == 204


@pytest.mark.parametrize(
    ("text", "headers", "status"),
    [
        (NOWHERE, {}, 428),
        (NOWHERE, {"if_match": '"another"'}, 412),
        (NOWHERE, {"if_match": 'W/"*"'}, 412),
        (NOWHERE, {"if_match": "*", "content_type": "application/sdp"}, 415),
        (NOWHERE, {"if_match": "*", "content_type": "application/json"}, 415),
        ("nonsense", {"if_match": "*"}, 422),
        ("a=candidate:nonsense\r\n", {"if_match": "*"}, 422),
        ("a=ice-ufrag:half\r\n", {"if_match": "*"}, 422),
        (NEW_CREDENTIALS.replace("newU", "n"), {"if_match": "*"}, 422),
        (NOWHERE, {"if_match": "*", "authorization": "Bearer forged"}, 401),
    ],
)
async def test_a_change_that_is_refused_leaves_the_connection_as_it_was(
    published, broadcast, text, headers, status
) -> None:
    answer = await published.patch(text, **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 415:
        assert answer.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
    assert await published.is_there()
    assert (await broadcast.look())["ended_reason"] is None


async def test_a_connection_ends_by_delete_whatever_its_condition(published, broadcast) -> None:
    assert (await published.http.delete(published.resource)).status_code == 401
    headers = published.token | {"If-Match": '"of long ago"'}
    assert (await published.http.delete(published.resource, headers=headers)).status_code == 200
    assert (await broadcast.look())["ended_reason"] == "terminal"
    assert (await published.patch(NOWHERE, if_match="*")).status_code == 404


async def test_what_never_was_cannot_be_changed(published) -> None:
    published.answer.headers["location"] = published.resource[:-36] + str(uuid4())
    assert (await published.patch(NOWHERE, if_match="*")).status_code == 404


async def test_a_viewer_trickles_without_a_condition(broadcast, studio) -> None:
    """As the WHEP client of the npm package whip-whep does."""
    await studio.publish(broadcast.publish)
    await studio.watch(broadcast.view)
    answer = await broadcast.anonymous.patch(
        broadcast.locations[-1], content=NOWHERE, headers=FRAGMENT | broadcast.view_token
    )
    assert answer.status_code == 204


async def test_an_offer_that_is_not_understood_as_a_whole_is_refused(broadcast) -> None:
    token = {"Authorization": f"Bearer {broadcast.publish_token}"}
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    video = peer.addTransceiver("video", direction="sendonly")
    codecs = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([each for each in codecs if each.mimeType == "video/H264"])
    h264 = (await peer.createOffer()).sdp
    peer.addTransceiver("video", direction="sendonly")
    for offer in (h264, (await peer.createOffer()).sdp, "v=0\r\n", ""):
        answer = await broadcast.anonymous.post(
            broadcast.whip_path, content=offer, headers=SDP | token
        )
        assert answer.status_code == 422, answer.text
    answer = await broadcast.anonymous.post(broadcast.whip_path, content=h264, headers=token)
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/sdp")
    assert (await broadcast.look())["state"] == "requested"
    await peer.close()
