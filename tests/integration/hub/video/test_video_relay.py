import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender

from hub.errors import InvalidInput, Unavailable
from hub.settings import IceServer
from hub.video import embedded
from hub.video.peer import IceSettings


@pytest.fixture
def publish(relay, session_id):
    return lambda offer: relay.publish(session_id, offer)


@pytest.fixture
def view(relay, session_id):
    return lambda offer: relay.view(session_id, offer)


async def test_viewers_see_the_terminals_moving_picture(studio, publish, view) -> None:
    await studio.publish(publish)
    early, _ = await studio.watch(view)
    await early.sees()
    late, _ = await studio.watch(view)
    # The publisher makes a picture that stands alone every 200 s, or when it is asked.
    await late.sees()
    assert early.pts == sorted(early.pts)


async def test_who_watches_before_there_is_a_picture_sees_it_as_soon_as_it_comes(
    studio, publish, view
) -> None:
    person, _ = await studio.watch(view)
    await studio.publish(publish)
    await person.sees()


async def test_a_terminal_that_comes_back_keeps_its_viewers(studio, publish, view) -> None:
    first, _ = await studio.publish(publish, lowest=20)
    person, _ = await studio.watch(view)
    await person.sees()
    await studio.publish(publish, lowest=150)
    await studio.until(lambda: person.shades[-1] > 120)
    await person.sees()
    await studio.until(lambda: first.connectionState == "closed")
    assert not person.hung_up
    assert person.pts == sorted(person.pts)


async def test_the_end_of_a_session_lets_go_of_terminal_and_viewers(
    relay, studio, publish, view, session_id
) -> None:
    terminal, _ = await studio.publish(publish)
    person, seen = await studio.watch(view)
    await person.sees()
    await relay.close_session(session_id)
    await studio.until(lambda: person.hung_up)
    await studio.until(lambda: terminal.connectionState == "closed")
    assert relay.take_ended_views() == [seen.resource_id]
    assert await relay.report() == []


async def test_a_viewer_who_leaves_is_noticed(relay, studio, publish, view) -> None:
    await studio.publish(publish)
    person, seen = await studio.watch(view)
    await person.sees()
    (report,) = await relay.report()
    assert report.views == {seen.resource_id}
    await person.peer.close()

    async def nobody_watches() -> bool:
        return not (await relay.report())[0].views

    await studio.until(nobody_watches)
    assert relay.take_ended_views() == [seen.resource_id]


async def test_a_terminal_that_falls_silent_is_told_by_the_age_of_its_picture(
    relay, studio, publish, view, session_id
) -> None:
    terminal, _ = await studio.publish(publish)
    person, _ = await studio.watch(view)
    await person.sees()
    assert await _silent_s(relay) < 5
    (sender,) = terminal.getSenders()
    sender._enabled = False

    async def is_silent() -> bool:
        return await _silent_s(relay) > 1

    await studio.until(is_silent)


async def _silent_s(relay) -> float:
    (report,) = await relay.report()
    return report.silent_s


async def test_no_picture_is_decoded_or_encoded_on_its_way(
    studio, publish, view, monkeypatch
) -> None:
    """The terminal encodes once, and each viewer decodes once; the relay between does neither."""
    encoders: list[str] = []
    original = RTCRtpSender._next_encoded_frame

    async def spied(self, codec):
        frame = await original(self, codec)
        encoder = self._RTCRtpSender__encoder
        encoders.append("encodes" if encoder.codec is not None else "packs")
        return frame

    monkeypatch.setattr(RTCRtpSender, "_next_encoded_frame", spied)
    await studio.publish(publish)
    people = [(await studio.watch(view))[0] for _ in range(2)]
    for person in people:
        await person.sees()
    assert set(encoders) == {"encodes", "packs"}
    assert encoders.count("packs") > encoders.count("encodes")


async def test_an_offer_without_vp8_or_without_video_is_refused_with_the_reason(
    relay, session_id
) -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("video", direction="recvonly")
    h264 = [
        codec
        for codec in RTCRtpSender.getCapabilities("video").codecs
        if codec.mimeType.lower() == "video/h264"
    ]
    transceiver.setCodecPreferences(h264)
    await peer.setLocalDescription(await peer.createOffer())
    with pytest.raises(InvalidInput, match="VP8"):
        await relay.view(session_id, peer.localDescription.sdp)
    with pytest.raises(InvalidInput, match="no video"):
        await relay.publish(session_id, "v=0\r\n")
    for nonsense in ("m=video", "v=0\r\nm=video 9 UDP\r\n", "m=video\x00" * 100):
        with pytest.raises(InvalidInput):
            await relay.publish(session_id, nonsense)
    assert await relay.report() == []
    await peer.close()


async def test_the_relay_has_an_end(studio, view, monkeypatch) -> None:
    monkeypatch.setattr(embedded, "MAX_VIEWERS", 1)
    await studio.watch(view)
    with pytest.raises(Unavailable):
        await studio.watch(view)


async def test_sound_is_taken_and_goes_nowhere_and_the_picture_is_seen(
    studio, publish, view
) -> None:
    await studio.publish(publish, sound=True)
    person, _ = await studio.watch(view)
    await person.sees()


async def test_ice_servers_are_those_that_are_configured() -> None:
    assert IceSettings().of_aiortc() == []
    login = IceServer(url="turn:turn.example.cn", username="hub", credential="secret")
    (server,) = IceSettings((login,)).of_aiortc()
    assert (server.urls, server.username, server.credential) == (login.url, "hub", "secret")
