"""The relay inside the api process, on aiortc: fine for a handful of viewers per session."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError

from hub.errors import InvalidInput, Unavailable
from hub.video.channel import Channel, Outlet, Publisher, Viewer
from hub.video.encoded import codecs, on_key_picture_wanted, tap
from hub.video.relay import ChannelReport, SdpAnswer

log = structlog.get_logger()

MAX_VIEWERS = 16
_GONE = frozenset({"failed", "closed"})
_UNANSWERABLE = (
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    TypeError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
"""What aiortc raises for an offer that it cannot make sense of."""


class EmbeddedRelay:
    """The constructor does nothing; peers come with `publish` and `view`, and `close` ends all."""

    def __init__(self, ice_servers: Sequence[str] = ()) -> None:
        # Without a list of its own aiortc asks a public server on the internet.
        servers = [RTCIceServer(urls=url) for url in ice_servers]
        self._configuration = RTCConfiguration(iceServers=servers)
        self._channels: dict[UUID, Channel] = {}
        self._ended_views: list[UUID] = []

    async def publish(self, session_id: UUID, offer: str) -> SdpAnswer:
        """As Relay.publish."""
        peer = RTCPeerConnection(self._configuration)
        transceiver = peer.addTransceiver("video", direction="recvonly")
        transceiver.setCodecPreferences(codecs())
        channel = self._channel(session_id)
        publisher = Publisher(peer, transceiver.receiver)
        tap(transceiver.receiver, lambda picture: channel.take(publisher, picture))
        self._watch(peer, session_id, publisher.resource_id)
        sdp = await self._answer(peer, offer, channel)
        before = channel.install(publisher)
        if before is not None:
            await before.peer.close()
        log.info("publisher_joined", session_id=str(session_id), replaced=before is not None)
        return SdpAnswer(publisher.resource_id, sdp)

    async def view(self, session_id: UUID, offer: str) -> SdpAnswer:
        """As Relay.view."""
        channel = self._channel(session_id)
        if len(channel.viewers) >= MAX_VIEWERS:
            raise Unavailable(f"{MAX_VIEWERS} people watch this video already; try again later")
        peer = RTCPeerConnection(self._configuration)
        outlet = Outlet()
        transceiver = peer.addTransceiver(outlet, direction="sendonly")
        transceiver.setCodecPreferences(codecs())
        on_key_picture_wanted(transceiver.sender, channel.ask_for_key)
        viewer = Viewer(peer, outlet)
        self._watch(peer, session_id, viewer.resource_id)
        sdp = await self._answer(peer, offer, channel)
        channel.viewers[viewer.resource_id] = viewer
        log.info("viewer_joined", session_id=str(session_id), viewers=len(channel.viewers))
        return SdpAnswer(viewer.resource_id, sdp)

    async def close_resource(self, session_id: UUID, resource_id: UUID) -> bool:
        """As Relay.close_resource."""
        channel = self._channels.get(session_id)
        if channel is None:
            return False
        viewer = channel.viewers.pop(resource_id, None)
        publisher = channel.publisher
        if viewer is not None:
            self._ended_views.append(resource_id)
            await _close(viewer)
        elif publisher is not None and publisher.resource_id == resource_id:
            channel.publisher = None
            await _close(publisher)
        else:
            return False
        self._forget_if_empty(channel)
        return True

    async def close_session(self, session_id: UUID) -> None:
        """As Relay.close_session."""
        channel = self._channels.pop(session_id, None)
        if channel is None:
            return
        self._ended_views += channel.viewers
        ends = [*channel.viewers.values(), channel.publisher]
        channel.viewers, channel.publisher = {}, None
        for end in ends:
            if end is not None:
                await _close(end)
        log.info("channel_closed", session_id=str(session_id))

    async def report(self) -> list[ChannelReport]:
        """As Relay.report."""
        return [channel.report() for channel in self._channels.values()]

    def take_ended_views(self) -> list[UUID]:
        """As Relay.take_ended_views."""
        ended, self._ended_views = self._ended_views, []
        return ended

    async def close(self) -> None:
        """As Relay.close."""
        for session_id in list(self._channels):
            await self.close_session(session_id)

    def _channel(self, session_id: UUID) -> Channel:
        return self._channels.setdefault(session_id, Channel(session_id))

    async def _answer(self, peer: RTCPeerConnection, offer: str, channel: Channel) -> str:
        try:
            sdp = await _answer(peer, offer)
        except InvalidInput:
            await peer.close()
            self._forget_if_empty(channel)
            raise
        # The session may have been closed meanwhile; then whoever joins it is closed with it.
        self._channels.setdefault(channel.session_id, channel)
        return sdp

    def _forget_if_empty(self, channel: Channel) -> None:
        if channel.publisher is None and not channel.viewers:
            self._channels.pop(channel.session_id, None)

    def _watch(self, peer: RTCPeerConnection, session_id: UUID, resource_id: UUID) -> None:
        async def state_changed() -> None:
            if peer.connectionState in _GONE:
                await self.close_resource(session_id, resource_id)

        peer.on("connectionstatechange", state_changed)


async def _close(end: Publisher | Viewer) -> None:
    if isinstance(end, Viewer):
        end.outlet.stop()
    await end.peer.close()


async def _answer(peer: RTCPeerConnection, offer: str) -> str:
    """Raises InvalidInput if the offer cannot be answered."""
    if "m=video" not in offer:
        raise InvalidInput("the offer has no video", field="body")
    try:
        await peer.setRemoteDescription(RTCSessionDescription(_without_names(offer), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
    except _UNANSWERABLE as error:
        raise InvalidInput(
            "the offer cannot be answered; it needs video in VP8", field="body"
        ) from error
    sdp: str = peer.localDescription.sdp
    return sdp


def _without_names(offer: str) -> str:
    """The offer without the names by which browsers hide their addresses (`….local`): looking them
    up needs multicast, and a browser that reaches us is known by where its packets come from.
    """
    lines = offer.splitlines(keepends=True)
    return "".join(
        line for line in lines if not (line.startswith("a=candidate:") and ".local " in line)
    )
