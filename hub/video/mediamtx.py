"""MediaMTX instead of the embedded relay, through its control API (v3; MediaMTX 1.15 to 1.20).

Terminals and browsers speak to MediaMTX itself, which asks the hub whom to admit
(`mediamtx_hook.py`). A session's id is its path there, and the id of a viewer's WebRTC session is the
id of the view.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import httpx
import structlog
from pydantic import AliasChoices, BaseModel, Field, ValidationError

from hub.errors import NotFound
from hub.video.fragment import IceFragment
from hub.video.relay import ChannelReport, IceRestart, SdpAnswer

log = structlog.get_logger()

TIMEOUT_S = 5.0
PEERS_PER_PAGE = 1000


class MediaMtxPeer(BaseModel):
    """A WebRTC session at MediaMTX, and how many packets of media came from it."""

    id: UUID
    path: str
    state: str
    packets: Annotated[
        int, Field(validation_alias=AliasChoices("inboundRTPPackets", "rtpPacketsReceived"))
    ]

    @property
    def session_id(self) -> UUID | None:
        """The hub's session; None if the path is not one of the hub's."""
        try:
            session_id = UUID(self.path)
        except ValueError:
            return None
        return session_id if str(session_id) == self.path else None


class _Page(BaseModel):
    page_count: Annotated[int, Field(validation_alias="pageCount")]
    items: tuple[MediaMtxPeer, ...]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """How many packets had come from a publisher when they were last seen to grow."""

    packets: int
    at_s: float


class MediaMtxRelay:
    """The constructor does nothing. Every process of the api sees the same peers."""

    def __init__(self, api_url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._http = httpx.AsyncClient(base_url=api_url, timeout=TIMEOUT_S, trust_env=False)
        self._monotonic = monotonic
        self._arrivals: dict[UUID, _Arrival] = {}
        self._views: set[UUID] = set()
        self._ended_views: list[UUID] = []
        self._reachable = True

    async def publish(self, session_id: UUID, offer: str) -> SdpAnswer:  # noqa: ARG002
        """As Relay.publish: never here."""
        raise _elsewhere(session_id)

    async def view(self, session_id: UUID, offer: str) -> SdpAnswer:  # noqa: ARG002
        """As Relay.view: never here."""
        raise _elsewhere(session_id)

    def etag_of(self, session_id: UUID, resource_id: UUID) -> str | None:  # noqa: ARG002
        """As Relay.etag_of: never here."""
        return None

    async def take_fragment(
        self,
        session_id: UUID,
        resource_id: UUID,  # noqa: ARG002
        fragment: IceFragment,  # noqa: ARG002
    ) -> IceRestart | None:
        """As Relay.take_fragment: never here."""
        raise _elsewhere(session_id)

    def admit(self, view_id: UUID) -> None:
        """MediaMTX was told to let a viewer in; from now on its absence ends the view."""
        self._views.add(view_id)

    async def close_resource(self, session_id: UUID, resource_id: UUID) -> bool:
        """As Relay.close_resource."""
        return any([await self._kick(p) for p in await self._of(session_id) if p.id == resource_id])

    async def hang_up(self, session_id: UUID, resource_id: UUID) -> bool:  # noqa: ARG002
        """As Relay.hang_up: never here."""
        raise _elsewhere(session_id)

    async def close_session(self, session_id: UUID) -> None:
        """As Relay.close_session."""
        for peer in await self._of(session_id):
            await self._kick(peer)

    async def report(self) -> list[ChannelReport]:
        """As Relay.report; empty while MediaMTX cannot be asked."""
        known = set(self._views)
        peers = await self._peers()
        if peers is None:
            return []
        viewers = {peer.id for peer in peers if peer.state == "read"}
        self._ended_views += known - viewers
        self._views = (self._views - known) | viewers
        self._note_arrivals(peers)
        sessions = {peer.session_id for peer in peers} - {None}
        return [self._channel(session_id, peers) for session_id in sessions if session_id]

    def take_ended_views(self) -> list[UUID]:
        """As Relay.take_ended_views."""
        ended, self._ended_views = self._ended_views, []
        return ended

    async def close(self) -> None:
        """As Relay.close, but for the peers: they belong to no process of the hub."""
        await self._http.aclose()

    def _channel(self, session_id: UUID, peers: list[MediaMtxPeer]) -> ChannelReport:
        own = [peer for peer in peers if peer.session_id == session_id]
        now_s = self._monotonic()
        silences = [
            now_s - self._arrivals[peer.id].at_s
            for peer in own
            if peer.state == "publish" and peer.packets
        ]
        views = frozenset(peer.id for peer in own if peer.state == "read")
        return ChannelReport(session_id, min(silences, default=None), views)

    def _note_arrivals(self, peers: list[MediaMtxPeer]) -> None:
        now_s = self._monotonic()
        before, self._arrivals = self._arrivals, {}
        for peer in peers:
            arrival = before.get(peer.id)
            if arrival is None or peer.packets > arrival.packets:
                arrival = _Arrival(peer.packets, now_s)
            self._arrivals[peer.id] = arrival

    async def _of(self, session_id: UUID) -> list[MediaMtxPeer]:
        return [peer for peer in await self._peers() or [] if peer.session_id == session_id]

    async def _peers(self) -> list[MediaMtxPeer] | None:
        """Every WebRTC session; None if MediaMTX does not answer, which is logged once."""
        if self._http.is_closed:
            return None
        peers: list[MediaMtxPeer] = []
        page, pages = 0, 1
        try:
            while page < pages:
                query = {"page": page, "itemsPerPage": PEERS_PER_PAGE}
                answer = await self._http.get("/v3/webrtcsessions/list", params=query)
                found = _Page.model_validate_json(answer.raise_for_status().content)
                peers += found.items
                page, pages = page + 1, found.page_count
        except (httpx.HTTPError, ValidationError) as error:
            self._say_reachable(str(error) or type(error).__name__)
            return None
        self._say_reachable(None)
        return peers

    async def _kick(self, peer: MediaMtxPeer) -> bool:
        try:
            answer = await self._http.post(f"/v3/webrtcsessions/kick/{peer.id}")
            if answer.status_code == httpx.codes.NOT_FOUND:
                return False
            answer.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("peer_not_kicked", peer_id=str(peer.id), path=peer.path, error=str(error))
            return False
        log.info("peer_kicked", peer_id=str(peer.id), session_id=peer.path, state=peer.state)
        return True

    def _say_reachable(self, error: str | None) -> None:
        if error is not None and self._reachable:
            log.warning("mediamtx_lost", error=error)
        elif error is None and not self._reachable:
            log.info("mediamtx_found")
        self._reachable = error is None


def _elsewhere(session_id: UUID) -> NotFound:
    return NotFound(
        "video goes through MediaMTX; use the address that came with the token",
        session_id=str(session_id),
    )
