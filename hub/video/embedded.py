"""The relay inside the api process, on aiortc: fine for a handful of viewers per session."""

from uuid import UUID

import structlog

from hub.errors import InvalidInput, NotFound, Unavailable
from hub.video.channel import Channel, Outlet, Publisher, Viewer
from hub.video.encoded import codecs, on_key_picture_wanted, tap
from hub.video.fragment import IceFragment
from hub.video.offer import check_published, check_watched
from hub.video.peer import IceSettings, RelayPeer
from hub.video.relay import ChannelReport, IceRestart, SdpAnswer

log = structlog.get_logger()

MAX_VIEWERS = 16
REMEMBERED_PUBLISHERS = 1000
_GONE = frozenset({"failed", "closed"})
_NO_ICE = IceSettings()


class EmbeddedRelay:
    """The constructor does nothing; peers come with `publish` and `view`, and `close` ends all."""

    def __init__(self, ice: IceSettings = _NO_ICE) -> None:
        self._ice = ice
        self._channels: dict[UUID, Channel] = {}
        self._ended_views: list[UUID] = []
        self._newest_publishers: dict[UUID, UUID] = {}

    async def publish(self, session_id: UUID, offer: str) -> SdpAnswer:
        """As Relay.publish. Sound is taken, and goes nowhere."""
        lines = check_published(offer)
        peer, channel = RelayPeer(self._ice), self._channel(session_id)
        receivers = {line.kind: peer.add(line, "recvonly").receiver for line in lines}
        peer.prefer("video", codecs())
        publisher = Publisher(peer, receivers["video"])
        tap(receivers["video"], lambda picture: channel.take(publisher, picture))
        if "audio" in receivers:
            tap(receivers["audio"], lambda _: None)
        self._watch(peer, session_id, publisher.resource_id)
        sdp = await self._answer(peer, offer, channel)
        self._note_newest(session_id, publisher.resource_id)
        before = channel.install(publisher)
        if before is not None:
            await before.peer.close()
        log.info("publisher_joined", session_id=str(session_id), replaced=before is not None)
        return SdpAnswer(publisher.resource_id, sdp, peer.etag)

    async def view(self, session_id: UUID, offer: str) -> SdpAnswer:
        """As Relay.view."""
        lines = check_watched(offer)
        channel = self._channel(session_id)
        if len(channel.viewers) >= MAX_VIEWERS:
            raise Unavailable(f"{MAX_VIEWERS} people watch this video already; try again later")
        peer, outlet = RelayPeer(self._ice), Outlet()
        for line in lines:
            if line.kind == "video":
                transceiver = peer.add(line, "sendonly", outlet)
                on_key_picture_wanted(transceiver.sender, channel.ask_for_key)
            else:
                peer.add(line, "inactive")
        peer.prefer("video", codecs())
        viewer = Viewer(peer, outlet)
        self._watch(peer, session_id, viewer.resource_id)
        sdp = await self._answer(peer, offer, channel)
        channel.viewers[viewer.resource_id] = viewer
        log.info("viewer_joined", session_id=str(session_id), viewers=len(channel.viewers))
        return SdpAnswer(viewer.resource_id, sdp, peer.etag)

    def etag_of(self, session_id: UUID, resource_id: UUID) -> str | None:
        """As Relay.etag_of."""
        end = self._end(session_id, resource_id)
        return None if end is None else end.peer.etag

    async def take_fragment(
        self, session_id: UUID, resource_id: UUID, fragment: IceFragment
    ) -> IceRestart | None:
        """As Relay.take_fragment."""
        end = self._end(session_id, resource_id)
        if end is None:
            raise NotFound("this connection has ended", resource_id=str(resource_id))
        ours = await end.peer.take(fragment)
        if ours is None:
            return None
        log.info("ice_restarted", session_id=str(session_id), resource_id=str(resource_id))
        return IceRestart(end.peer.etag, ours)

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

    async def hang_up(self, session_id: UUID, resource_id: UUID) -> bool:
        """As Relay.hang_up."""
        await self.close_resource(session_id, resource_id)
        if self._newest_publishers.get(session_id) != resource_id:
            return False
        del self._newest_publishers[session_id]
        return True

    async def close_session(self, session_id: UUID) -> None:
        """As Relay.close_session."""
        self._newest_publishers.pop(session_id, None)
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

    def _note_newest(self, session_id: UUID, resource_id: UUID) -> None:
        """Remember the newest publisher, also when it is gone: its line may break before it hangs up."""
        self._newest_publishers.pop(session_id, None)
        self._newest_publishers[session_id] = resource_id
        if len(self._newest_publishers) > REMEMBERED_PUBLISHERS:
            del self._newest_publishers[next(iter(self._newest_publishers))]

    def _end(self, session_id: UUID, resource_id: UUID) -> Publisher | Viewer | None:
        channel = self._channels.get(session_id)
        return None if channel is None else channel.end_of(resource_id)

    async def _answer(self, peer: RelayPeer, offer: str, channel: Channel) -> str:
        try:
            sdp = await peer.answer(offer)
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

    def _watch(self, peer: RelayPeer, session_id: UUID, resource_id: UUID) -> None:
        async def state_changed() -> None:
            state = peer.connection.connectionState
            if state in _GONE and await self.close_resource(session_id, resource_id):
                log.info("peer_lost", session_id=str(session_id), state=state)

        peer.connection.on("connectionstatechange", state_changed)


async def _close(end: Publisher | Viewer) -> None:
    if isinstance(end, Viewer):
        end.outlet.stop()
    await end.peer.close()
